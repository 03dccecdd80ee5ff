import type { Database, RequestOptions, RequestResult } from '../../src/index.browser.ts'
import { COLLECTION, FIELDS, type Person } from '../documents.ts'
import { ORDERS } from '../people-orders.ts'
import type { Observer, OrderWithCustomer, PersonWithOrders, QueryContestant, Stop } from '../query-contestant.ts'

/** A database that has live queries. */
interface Watchable {
  watch(request: string, options?: RequestOptions): AsyncIterable<RequestResult>
}

const PERSON = FIELDS.join(' ')
const OF_AGE = `query ($age: Int!) { ${COLLECTION}(filter: { age: { _eq: $age } }) { ${PERSON} } }`
const BETWEEN = `query ($from: Int!, $to: Int!) { ${COLLECTION}(filter: { age: { _ge: $from, _le: $to } }) { ${PERSON} } }`
const BETWEEN_IN = `query ($from: Int!, $to: Int!, $city: String!) {
  ${COLLECTION}(filter: { age: { _ge: $from, _le: $to }, city: { _eq: $city } }) { ${PERSON} }
}`
const OLDEST = `query ($limit: Int!) { ${COLLECTION}(order: { age: DESC }, limit: $limit) { ${PERSON} } }`
const RICHER = `query ($points: Float64!) { ${COLLECTION}(filter: { points: { _ge: $points } }) { ${PERSON} } }`
const GET = `query ($id: ID!) { ${COLLECTION}(docID: [$id]) { ${PERSON} } }`
const COUNT = `{ _count(${COLLECTION}: {}) }`
const COUNT_RICHER = `query ($points: Float64!) { _count(${COLLECTION}: { filter: { points: { _ge: $points } } }) }`
const POINTS_IN = `query ($city: String!) {
  _sum(${COLLECTION}: { field: points, filter: { city: { _eq: $city } } })
  _avg(${COLLECTION}: { field: points, filter: { city: { _eq: $city } } })
}`
const WITH_ORDERS = `query ($age: Int!) { ${COLLECTION}(filter: { age: { _eq: $age } }) { ${PERSON} orders { number total } } }`
const ORDERS_ABOVE = `query ($total: Float64!) { ${ORDERS}(filter: { total: { _ge: $total } }) { number total customer { ${PERSON} } } }`
const SET_AGE = `mutation ($id: ID!, $age: Int!) { update_${COLLECTION}(docID: [$id], input: { age: $age }) { _docID } }`

/** WarrenDB through GraphQL: every request is a constant text with variables. Only the filling goes through `collection`. */
export function queriedWarren(open: (name: string) => Promise<Database>): QueryContestant {
  return {
    open: async (name) => {
      const database = await open(name)

      async function ask<T>(request: string, field: string, variables: Readonly<Record<string, unknown>>): Promise<T> {
        return fieldOf<T>(await database.execute(request, { variables }), field, request)
      }
      const people = (request: string, variables: Readonly<Record<string, unknown>>): Promise<readonly Person[]> =>
        ask(request, COLLECTION, variables)

      return {
        createPeople: (documents) => database.collection<Person>(COLLECTION).create(documents),
        createOrders: async (orders) => {
          await database.collection(ORDERS).create(orders.map((order) => ({ ...order })))
        },
        setAge: (id, age) => ask(SET_AGE, `update_${COLLECTION}`, { id, age }),

        get: async (id) => (await people(GET, { id }))[0],
        ofAge: (age) => people(OF_AGE, { age }),
        agedBetween: (from, to) => people(BETWEEN, { from, to }),
        agedBetweenIn: (from, to, city) => people(BETWEEN_IN, { from, to, city }),
        oldest: (limit) => people(OLDEST, { limit }),
        richerThan: (points) => people(RICHER, { points }),
        count: () => ask(COUNT, '_count', {}),
        countRicherThan: (points) => ask(COUNT_RICHER, '_count', { points }),
        pointsIn: async (city) => {
          const result = await database.execute(POINTS_IN, { variables: { city } })
          return { sum: fieldOf<number>(result, '_sum', POINTS_IN), average: fieldOf<number>(result, '_avg', POINTS_IN) }
        },
        withOrders: (age) => ask<readonly PersonWithOrders[]>(WITH_ORDERS, COLLECTION, { age }),
        ordersAbove: (total) => ask<readonly OrderWithCustomer[]>(ORDERS_ABOVE, ORDERS, { total }),

        watchOldestIn: (city, limit, observer) =>
          watch(
            database,
            `{ ${COLLECTION}(filter: { city: { _eq: "${city}" } }, order: { age: DESC }, limit: ${limit}) { ${PERSON} } }`,
            observer,
          ),
        watchRicherThan: (points, observer) =>
          watch(database, `{ ${COLLECTION}(filter: { points: { _ge: ${points} } }) { ${PERSON} } }`, observer),
        close: () => database.close(),
      }
    },
  }
}

async function watch(database: Database, request: string, observer: Observer): Promise<Stop> {
  if (!isWatchable(database)) throw new Error('this WarrenDB has no `watch`: live queries are not there yet')
  const ended = new AbortController()
  void observe(database.watch(request, { signal: ended.signal }), request, observer, ended.signal)
  return async () => ended.abort()
}

async function observe(results: AsyncIterable<RequestResult>, request: string, observer: Observer, ended: AbortSignal): Promise<void> {
  try {
    for await (const result of results) {
      if (ended.aborted) return
      observer.next(fieldOf<readonly Person[]>(result, COLLECTION, request))
    }
  } catch (error) {
    // That a query which was ended says so is no fault.
    if (!ended.aborted) observer.error(error)
  }
}

function isWatchable(database: object): database is Watchable {
  return 'watch' in database && typeof database.watch === 'function'
}

function fieldOf<T>({ data, errors }: RequestResult, field: string, request: string): T {
  const [problem] = errors ?? []
  if (problem !== undefined) throw new Error(`${problem.message} in ${request}`)
  // The requests above name the fields of the type that is asked for.
  return data?.[field] as T
}
