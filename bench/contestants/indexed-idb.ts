import { openDB, type DBSchema } from 'idb'

import type { Person } from '../documents.ts'
import type { NewOrder } from '../people-orders.ts'
import type { Observer, OpenQueryContestant, QueryContestant, Stop } from '../query-contestant.ts'

type Row = Person & { readonly id: string }

interface Shop extends DBSchema {
  people: { key: string; value: Row; indexes: { age: number } }
  orders: { key: string; value: NewOrder; indexes: { customer: string } }
}

/** A live query. */
interface Watched {
  readonly ask: () => Promise<readonly Person[]>
  readonly observer: Observer
}

/** The yardstick: what a page pays that writes every query by hand over IndexedDB, through `idb` alone, with two indexes. */
export const indexedIdb: QueryContestant = {
  open: async (name) => {
    const database = await openDB<Shop>(name, 1, {
      upgrade: (upgraded) => {
        upgraded.createObjectStore('people', { keyPath: 'id' }).createIndex('age', 'age')
        upgraded.createObjectStore('orders', { keyPath: 'number' }).createIndex('customer', 'customer')
      },
    })
    /** Asked again after every write. */
    const watched = new Set<Watched>()

    async function watch(ask: Watched['ask'], observer: Observer): Promise<Stop> {
      const query = { ask, observer }
      watched.add(query)
      await answer(query)
      return async () => {
        watched.delete(query)
      }
    }

    async function richerThan(points: number): Promise<readonly Row[]> {
      return (await database.getAll('people')).filter((row) => row.points >= points)
    }

    /** Goes down the index until enough are found. */
    async function oldestWhere(limit: number, matches: (row: Row) => boolean): Promise<readonly Row[]> {
      const found: Row[] = []
      for await (const { value } of database.transaction('people').store.index('age').iterate(null, 'prev')) {
        if (matches(value)) found.push(value)
        if (found.length === limit) break
      }
      return found
    }

    const contestant: OpenQueryContestant = {
      createPeople: async (people) => {
        const rows = people.map((person) => ({ id: crypto.randomUUID(), ...person }))
        const transaction = database.transaction('people', 'readwrite', { durability: 'relaxed' })
        await Promise.all([...rows.map((row) => transaction.store.put(row)), transaction.done])
        return rows.map(({ id }) => id)
      },
      createOrders: async (orders) => {
        const transaction = database.transaction('orders', 'readwrite', { durability: 'relaxed' })
        await Promise.all([...orders.map((order) => transaction.store.put(order)), transaction.done])
      },
      setAge: async (id, age) => {
        const transaction = database.transaction('people', 'readwrite', { durability: 'relaxed' })
        const row = await transaction.store.get(id)
        if (row !== undefined) await transaction.store.put({ ...row, age })
        await transaction.done
        for (const query of watched) void answer(query)
      },

      get: (id) => database.get('people', id),
      ofAge: (age) => database.getAllFromIndex('people', 'age', age),
      agedBetween: (from, to) => database.getAllFromIndex('people', 'age', IDBKeyRange.bound(from, to)),
      agedBetweenIn: async (from, to, city) =>
        (await database.getAllFromIndex('people', 'age', IDBKeyRange.bound(from, to))).filter((row) => row.city === city),
      oldest: (limit) => oldestWhere(limit, () => true),
      richerThan,
      count: () => database.count('people'),
      countRicherThan: async (points) => (await richerThan(points)).length,
      pointsIn: async (city) => {
        const rows = (await database.getAll('people')).filter((row) => row.city === city)
        const sum = rows.reduce((total, { points }) => total + points, 0)
        return { sum, average: sum / rows.length }
      },
      withOrders: async (age) => {
        const transaction = database.transaction(['people', 'orders'])
        const byCustomer = transaction.objectStore('orders').index('customer')
        const rows = await transaction.objectStore('people').index('age').getAll(age)
        return Promise.all(rows.map(async (row) => ({ ...row, orders: await byCustomer.getAll(row.id) })))
      },
      ordersAbove: async (total) => {
        const transaction = database.transaction(['people', 'orders'])
        const orders = (await transaction.objectStore('orders').getAll()).filter((order) => order.total >= total)
        const ids = [...new Set(orders.map(({ customer }) => customer))]
        const rows = await Promise.all(ids.map((id) => transaction.objectStore('people').get(id)))
        const byId = new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.id, row]])))
        return orders.flatMap(({ customer: id, ...order }) => {
          const customer = byId.get(id)
          return customer === undefined ? [] : [{ ...order, customer }]
        })
      },

      watchOldestIn: (city, limit, observer) => watch(() => oldestWhere(limit, (row) => row.city === city), observer),
      watchRicherThan: (points, observer) => watch(() => richerThan(points), observer),
      close: async () => database.close(),
    }
    return contestant
  },
}

async function answer({ ask, observer }: Watched): Promise<void> {
  try {
    observer.next(await ask())
  } catch (error) {
    observer.error(error)
  }
}
