import { AGES, COLLECTION, MOST_POINTS, person, PERSON_FIELDS, type Person } from './documents.ts'

/** A second collection, for joins: every tenth person has three orders. */
export interface Order {
  readonly number: string
  readonly total: number
}

/** An order before it is stored; `customer` is the ID of a person. */
export type NewOrder = Order & { readonly customer: string }

export const ORDERS = 'Order'

/** Indexes on `age` and on the side of the relation that stores the ID, because the yardstick has both. */
export const RELATED_SCHEMA: string = `type ${COLLECTION} {${PERSON_FIELDS}
  orders: [${ORDERS}]
}
type ${ORDERS} {
  number: String
  total: Float
  customer: ${COLLECTION} @index
}`

const CUSTOMERS = 10
const ORDERS_OF_EACH = 3
/** Totals go from 0 to this, in quarters. */
export const MOST_TOTAL: number = MOST_POINTS

/** The orders of the person of this number; most have none. */
export function ordersOf(personNumber: number): readonly Order[] {
  if (personNumber % CUSTOMERS !== 0) return []
  const first = (personNumber / CUSTOMERS) * ORDERS_OF_EACH
  return Array.from({ length: ORDERS_OF_EACH }, (_, index) => anOrder(first + index))
}

function anOrder(number: number): Order {
  // The points of some person far away are as good as any random number.
  return { number: `Order ${String(number).padStart(6, '0')}`, total: person(1_000_000 + number).points }
}

/** What the database must hold, kept where no database has a hand in it. */
export interface Expected {
  readonly people: ReadonlyMap<string, Person>
  readonly orders: readonly NewOrder[]
  /** By the ID of the customer. */
  readonly ordersByCustomer: ReadonlyMap<string, readonly NewOrder[]>
  /** Notes that a person has been given another age. */
  setAge(id: string, age: number): void
  /** An age that nobody has had before: whoever gets it is the oldest. */
  nextAge(): number
}

export function createExpected(peopleById: ReadonlyMap<string, Person>, orders: readonly NewOrder[]): Expected {
  const people = new Map(peopleById)
  let oldest = AGES.to
  return {
    people,
    orders,
    ordersByCustomer: Map.groupBy(orders, ({ customer }) => customer),
    setAge: (id, age) => {
      const before = people.get(id)
      if (before === undefined) throw new Error(`no document has the ID "${id}"`)
      people.set(id, { ...before, age })
    },
    nextAge: () => ++oldest,
  }
}
