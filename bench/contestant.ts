import type { Person } from './documents.ts'

/** A database as the local workload uses it. What it has no way to do is absent, and not measured. */
export interface Contestant {
  /** Opens the database of this name, new or as it was left. */
  open(name: string): Promise<OpenContestant>
}

/** Every promise resolves when the data is where the contestant keeps it over a restart. */
export interface OpenContestant {
  /** @returns the IDs in the order of the documents */
  createMany(documents: readonly Person[]): Promise<readonly string[]>
  create(document: Person): Promise<string>
  setAge(id: string, age: number): Promise<void>
  get(id: string): Promise<Person | undefined>
  count(): Promise<number>
  /** All whose points are at least this: no index helps. */
  richerThan?(points: number): Promise<readonly Person[]>
  /** All of this age, through an index. */
  ofAge?(age: number): Promise<readonly Person[]>
  /** The `limit` oldest, the oldest first, through an index. */
  oldest?(limit: number): Promise<readonly Person[]>
  close(): Promise<void>
}
