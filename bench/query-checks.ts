import { isSamePerson, type Person } from './documents.ts'
import type { Expected, Order } from './people-orders.ts'
import type { OrderWithCustomer, PersonWithOrders, PointsOf } from './query-contestant.ts'

/** @throws unless the rows are the people that `matches` holds for, in any order */
export function checkPeople(found: readonly Person[], { people }: Expected, matches: (person: Person) => boolean): void {
  const wanted = [...people.values()].filter(matches)
  check(found.length === wanted.length, `${found.length} documents found where ${wanted.length} match`)
  const byEmail = new Map(found.map((row) => [row.email, row]))
  for (const person of wanted) check(isSamePerson(person, byEmail.get(person.email)), `${person.email} is missing or wrong`)
}

/** @throws unless the rows are the `limit` oldest of whom `matches` holds, in their order; who of the same age comes first is left open */
export function checkOldest(found: readonly Person[], { people }: Expected, limit: number, matches: (person: Person) => boolean): void {
  const wanted = new Map([...people.values()].filter(matches).map((person) => [person.email, person]))
  const ages = [...wanted.values()]
    .map(({ age }) => age)
    .toSorted((a, b) => b - a)
    .slice(0, limit)
  check(found.map(({ age }) => age).join() === ages.join(), `these are not the ${limit} oldest in their order`)
  check(new Set(found.map(({ email }) => email)).size === found.length, 'a document comes twice')
  for (const row of found) check(isSamePerson(row, wanted.get(row.email)), `${row.email} is wrong or does not belong here`)
}

/** @throws unless the count is that of the people whom `matches` holds for */
export function checkCount(count: number, { people }: Expected, matches: (person: Person) => boolean): void {
  const wanted = [...people.values()].filter(matches).length
  check(count === wanted, `${count} documents counted where ${wanted} match`)
}

/** @throws unless the sum is right and the average is right but for rounding */
export function checkPoints({ sum, average }: PointsOf, { people }: Expected, matches: (person: Person) => boolean): void {
  const points = [...people.values()].filter(matches).map((person) => person.points)
  const wanted = points.reduce((total, value) => total + value, 0)
  check(sum === wanted, `the sum is ${sum} where it should be ${wanted}`)
  check(Math.abs(average - wanted / points.length) < 1e-6, `the average is ${average} where it should be ${wanted / points.length}`)
}

/** @throws unless the rows are the people that `matches` holds for, each with all of their orders */
export function checkWithOrders(found: readonly PersonWithOrders[], expected: Expected, matches: (person: Person) => boolean): void {
  checkPeople(found, expected, matches)
  const byEmail = new Map(found.map((row) => [row.email, row.orders]))
  for (const [id, { email }] of [...expected.people].filter(([, person]) => matches(person))) {
    check(textOf(byEmail.get(email)) === textOf(expected.ordersByCustomer.get(id)), `the orders of ${email} are missing or wrong`)
  }
}

/** @throws unless the rows are the orders of at least this total, each with its customer */
export function checkOrders(found: readonly OrderWithCustomer[], { people, orders }: Expected, total: number): void {
  const wanted = orders.filter((order) => order.total >= total)
  check(textOf(found) === textOf(wanted), `${found.length} orders found, not the ${wanted.length} that match`)
  const byNumber = new Map(found.map((row) => [row.number, row.customer]))
  for (const { number, customer } of wanted) {
    const person = people.get(customer)
    check(person !== undefined && isSamePerson(person, byNumber.get(number)), `the customer of ${number} is missing or wrong`)
  }
}

/** @throws an error that says `otherwise` unless it holds */
export function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

function textOf(orders: readonly Order[] = []): string {
  return orders
    .map(({ number, total }) => `${number}: ${total}`)
    .toSorted()
    .join()
}
