import { createRxDatabase, type RxCollection, type RxDocument, type RxJsonSchema, type RxQuery } from 'rxdb'
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'

import type { Person } from '../documents.ts'
import type { NewOrder } from '../people-orders.ts'
import type { Observer, QueryContestant, Stop } from '../query-contestant.ts'

export type Row = Person & { readonly id: string }
type RowQuery = RxQuery<Row, RxDocument<Row>[]>

const UUID_LENGTH = 36

export const PEOPLE: RxJsonSchema<Row> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: UUID_LENGTH },
    name: { type: 'string' },
    email: { type: 'string' },
    // An index wants to know the bounds.
    age: { type: 'integer', minimum: 0, maximum: 1_000_000, multipleOf: 1 },
    verified: { type: 'boolean' },
    points: { type: 'number' },
    city: { type: 'string' },
    bio: { type: 'string' },
  },
  required: ['id', 'name', 'email', 'age', 'verified', 'points', 'city', 'bio'],
  indexes: ['age'],
}

const ORDERS: RxJsonSchema<NewOrder> = {
  version: 0,
  primaryKey: 'number',
  type: 'object',
  properties: {
    number: { type: 'string', maxLength: 20 },
    total: { type: 'number' },
    customer: { type: 'string', maxLength: UUID_LENGTH },
  },
  required: ['number', 'total', 'customer'],
  indexes: ['customer'],
}

/** RxDB with the storage that is free in the browser: the one over Dexie. */
export const rxdb: QueryContestant = {
  open: async (name) => {
    const database = await createRxDatabase<{ people: RxCollection<Row>; orders: RxCollection<NewOrder> }>({
      name,
      storage: getRxStorageDexie(),
      multiInstance: false,
      eventReduce: true,
      // It refuses to count what no index holds otherwise.
      allowSlowCount: true,
    })
    const { people, orders } = await database.addCollections({ people: { schema: PEOPLE }, orders: { schema: ORDERS } })

    const rowsOf = (documents: readonly RxDocument<Row>[]): readonly Row[] => documents.map((document) => document.toJSON())
    const find = async (query: RowQuery): Promise<readonly Row[]> => rowsOf(await query.exec())

    function watch(query: RowQuery, observer: Observer): Promise<Stop> {
      const subscription = query.$.subscribe({
        next: (documents) => observer.next(rowsOf(documents)),
        error: (reason: unknown) => observer.error(reason),
      })
      return Promise.resolve(async () => subscription.unsubscribe())
    }

    return {
      createPeople: async (documents) => {
        const rows = documents.map((document) => ({ id: crypto.randomUUID(), ...document }))
        refuse((await people.bulkInsert(rows)).error)
        return rows.map(({ id }) => id)
      },
      createOrders: async (created) => {
        refuse((await orders.bulkInsert([...created])).error)
      },
      setAge: async (id, age) => {
        const document = await people.findOne(id).exec()
        await document?.patch({ age })
      },

      get: async (id) => (await people.findOne(id).exec())?.toJSON(),
      ofAge: (age) => find(people.find({ selector: { age: { $eq: age } } })),
      agedBetween: (from, to) => find(people.find({ selector: { age: { $gte: from, $lte: to } } })),
      agedBetweenIn: (from, to, city) => find(people.find({ selector: { age: { $gte: from, $lte: to }, city: { $eq: city } } })),
      oldest: (limit) => find(people.find({ sort: [{ age: 'desc' }], limit })),
      richerThan: (points) => find(people.find({ selector: { points: { $gte: points } } })),
      count: () => people.count().exec(),
      countRicherThan: (points) => people.count({ selector: { points: { $gte: points } } }).exec(),
      pointsIn: async (city) => {
        const rows = await people.find({ selector: { city: { $eq: city } } }).exec()
        const sum = rows.reduce((total, { points }) => total + points, 0)
        return { sum, average: sum / rows.length }
      },
      withOrders: async (age) => {
        const rows = await find(people.find({ selector: { age: { $eq: age } } }))
        const found = await orders.find({ selector: { customer: { $in: rows.map(({ id }) => id) } } }).exec()
        const byCustomer = Map.groupBy(
          found.map((order) => order.toJSON()),
          ({ customer }) => customer,
        )
        return rows.map((row) => ({ ...row, orders: byCustomer.get(row.id) ?? [] }))
      },
      ordersAbove: async (total) => {
        const found = await orders.find({ selector: { total: { $gte: total } } }).exec()
        const customers = await people.findByIds(found.map(({ customer }) => customer)).exec()
        return found.flatMap(({ number, total, customer: id }) => {
          const customer = customers.get(id)?.toJSON()
          return customer === undefined ? [] : [{ number, total, customer }]
        })
      },

      watchOldestIn: (city, limit, observer) =>
        watch(people.find({ selector: { city: { $eq: city } }, sort: [{ age: 'desc' }], limit }), observer),
      watchRicherThan: (points, observer) => watch(people.find({ selector: { points: { $gte: points } } }), observer),
      close: async () => {
        await database.close()
      },
    }
  },
}

function refuse(errors: readonly unknown[]): void {
  if (errors.length > 0) throw new Error(`${errors.length} documents were not inserted`)
}
