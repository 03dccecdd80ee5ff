import { Dexie, liveQuery, type PromiseExtended, type Table } from 'dexie'

import type { Person } from '../documents.ts'
import type { NewOrder } from '../people-orders.ts'
import type { Observer, QueryContestant, Stop } from '../query-contestant.ts'

type Row = Person & { readonly id: string }

/** Dexie: a wrapper around IndexedDB; the tables have the yardstick's indexes. */
export const dexie: QueryContestant = {
  open: async (name) => {
    const database = new Dexie(name, { chromeTransactionDurability: 'relaxed' })
    database.version(1).stores({ people: 'id, age', orders: 'number, customer' })
    const people: Table<Row, string> = database.table('people')
    const orders: Table<NewOrder, string> = database.table('orders')
    await database.open()

    const richerThan = (points: number): PromiseExtended<Row[]> => people.filter((row) => row.points >= points).toArray()

    function watch(ask: () => Promise<readonly Row[]>, observer: Observer): Promise<Stop> {
      const subscription = liveQuery(ask).subscribe({ next: (rows) => observer.next(rows), error: (reason) => observer.error(reason) })
      return Promise.resolve(async () => subscription.unsubscribe())
    }

    return {
      createPeople: async (documents) => {
        const rows = documents.map((document) => ({ id: crypto.randomUUID(), ...document }))
        await people.bulkAdd(rows)
        return rows.map(({ id }) => id)
      },
      createOrders: async (created) => {
        await orders.bulkAdd([...created])
      },
      setAge: async (id, age) => {
        await people.update(id, { age })
      },

      get: (id) => people.get(id),
      ofAge: (age) => people.where('age').equals(age).toArray(),
      agedBetween: (from, to) => people.where('age').between(from, to, true, true).toArray(),
      agedBetweenIn: (from, to, city) =>
        people
          .where('age')
          .between(from, to, true, true)
          .and((row) => row.city === city)
          .toArray(),
      oldest: (limit) => people.orderBy('age').reverse().limit(limit).toArray(),
      richerThan,
      count: () => people.count(),
      countRicherThan: (points) => people.filter((row) => row.points >= points).count(),
      pointsIn: async (city) => {
        let [sum, count] = [0, 0]
        await people
          .filter((row) => row.city === city)
          .each(({ points }) => {
            sum += points
            count++
          })
        return { sum, average: sum / count }
      },
      withOrders: async (age) => {
        const rows = await people.where('age').equals(age).toArray()
        const found = await orders
          .where('customer')
          .anyOf(rows.map(({ id }) => id))
          .toArray()
        const byCustomer = Map.groupBy(found, ({ customer }) => customer)
        return rows.map((row) => ({ ...row, orders: byCustomer.get(row.id) ?? [] }))
      },
      ordersAbove: async (total) => {
        const found = await orders.filter((order) => order.total >= total).toArray()
        const customers = await people.bulkGet(found.map(({ customer }) => customer))
        return found.flatMap((order, index) => {
          const customer = customers[index]
          return customer === undefined ? [] : [{ ...order, customer }]
        })
      },

      watchOldestIn: (city, limit, observer) =>
        watch(
          () =>
            people
              .orderBy('age')
              .reverse()
              .filter((row) => row.city === city)
              .limit(limit)
              .toArray(),
          observer,
        ),
      watchRicherThan: (points, observer) => watch(() => richerThan(points), observer),
      close: async () => database.close(),
    }
  },
}
