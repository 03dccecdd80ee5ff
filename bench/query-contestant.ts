import type { Person } from './documents.ts'
import type { NewOrder, Order } from './people-orders.ts'

/** A database as the query workload uses it. */
export interface QueryContestant {
  /** Opens a new database of this name. */
  open(name: string): Promise<OpenQueryContestant>
}

export type PersonWithOrders = Person & { readonly orders: readonly Order[] }
export type OrderWithCustomer = Order & { readonly customer: Person }

/** Each query is asked in the fastest way the contestant documents for it; where it has no index, it scans. Writes resolve when they are stored. */
export interface OpenQueryContestant {
  /** @returns the IDs in the order of the documents */
  createPeople(people: readonly Person[]): Promise<readonly string[]>
  createOrders(orders: readonly NewOrder[]): Promise<void>
  setAge(id: string, age: number): Promise<void>

  get(id: string): Promise<Person | undefined>
  ofAge(age: number): Promise<readonly Person[]>
  /** Both ends belong to it. */
  agedBetween(from: number, to: number): Promise<readonly Person[]>
  agedBetweenIn(from: number, to: number, city: string): Promise<readonly Person[]>
  /** The oldest first. */
  oldest(limit: number): Promise<readonly Person[]>
  /** All whose points are at least this. */
  richerThan(points: number): Promise<readonly Person[]>
  count(): Promise<number>
  countRicherThan(points: number): Promise<number>
  pointsIn(city: string): Promise<PointsOf>
  withOrders(age: number): Promise<readonly PersonWithOrders[]>
  /** All whose total is at least this. */
  ordersAbove(total: number): Promise<readonly OrderWithCustomer[]>

  /** The oldest of a city, the oldest first: now, and again whenever that changes. */
  watchOldestIn(city: string, limit: number, observer: Observer): Promise<Stop>
  /** All whose points are at least this: now, and again whenever one of them changes. */
  watchRicherThan(points: number, observer: Observer): Promise<Stop>

  close(): Promise<void>
}

export interface PointsOf {
  readonly sum: number
  readonly average: number
}

export interface Observer {
  next(rows: readonly Person[]): void
  error(reason: unknown): void
}

/** Ends a live query. */
export type Stop = () => Promise<void>
