import { IndexeddbPersistence } from 'y-indexeddb'
import * as Y from 'yjs'

import { FIELDS, type Person } from '../documents.ts'
import type { NewOrder } from '../people-orders.ts'
import type { Observer, QueryContestant, Stop } from '../query-contestant.ts'

/** A document of ours: a map, so that two replicas can change two fields of it. */
type Fields = Y.Map<unknown>

/** Yjs with y-indexeddb: all is in memory, there is no index, and every query goes through the whole map. */
export const yjs: QueryContestant = {
  open: async (name) => {
    const doc = new Y.Doc()
    const provider = new IndexeddbPersistence(name, doc)
    await provider.whenSynced
    const people = doc.getMap<Fields>('people')
    const orders = doc.getMap<Fields>('orders')

    /** The provider tells nobody when an update is stored; but a transaction on the same store, begun later, ends later. */
    function stored(): Promise<void> {
      return new Promise((resolve, reject) => {
        const transaction = provider.db?.transaction('updates', 'readwrite')
        if (transaction === undefined) throw new Error('y-indexeddb has no database')
        transaction.addEventListener('complete', () => resolve())
        transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('the update was not stored')))
      })
    }

    function peopleWhere(matches: (fields: Fields) => boolean): Fields[] {
      const found: Fields[] = []
      for (const fields of people.values()) if (matches(fields)) found.push(fields)
      return found
    }

    function oldestOf(found: Fields[], limit: number): Person[] {
      found.sort((a, b) => Number(b.get('age')) - Number(a.get('age')))
      return found.slice(0, limit).map(personOf)
    }

    const richer = (points: number): Fields[] => peopleWhere((fields) => Number(fields.get('points')) >= points)
    const oldestIn = (city: string, limit: number): Person[] =>
      oldestOf(
        peopleWhere((fields) => fields.get('city') === city),
        limit,
      )
    const aged = (from: number, to: number): Fields[] =>
      peopleWhere((fields) => Number(fields.get('age')) >= from && Number(fields.get('age')) <= to)

    async function watch(ask: () => Person[], observer: Observer): Promise<Stop> {
      const again = (): void => observer.next(ask())
      again()
      people.observeDeep(again)
      return async () => people.unobserveDeep(again)
    }

    return {
      createPeople: async (documents) => {
        const ids = documents.map(() => crypto.randomUUID())
        doc.transact(() => {
          for (const [index, document] of documents.entries())
            people.set(ids[index] ?? '', new Y.Map(FIELDS.map((field) => [field, document[field]])))
        })
        await stored()
        return ids
      },
      createOrders: async (created) => {
        doc.transact(() => {
          for (const { number, total, customer } of created) orders.set(number, new Y.Map(Object.entries({ number, total, customer })))
        })
        await stored()
      },
      setAge: async (id, age) => {
        people.get(id)?.set('age', age)
        await stored()
      },

      get: async (id) => {
        const fields = people.get(id)
        return fields === undefined ? undefined : personOf(fields)
      },
      ofAge: async (age) => aged(age, age).map(personOf),
      agedBetween: async (from, to) => aged(from, to).map(personOf),
      agedBetweenIn: async (from, to, city) =>
        aged(from, to)
          .filter((fields) => fields.get('city') === city)
          .map(personOf),
      oldest: async (limit) => oldestOf([...people.values()], limit),
      richerThan: async (points) => richer(points).map(personOf),
      count: async () => people.size,
      countRicherThan: async (points) => richer(points).length,
      pointsIn: async (city) => {
        const points = peopleWhere((fields) => fields.get('city') === city).map((fields) => Number(fields.get('points')))
        const sum = points.reduce((total, value) => total + value, 0)
        return { sum, average: sum / points.length }
      },
      withOrders: async (age) => {
        const byCustomer = Map.groupBy([...orders.values()].map(orderOf), ({ customer }) => customer)
        return [...people]
          .filter(([, fields]) => fields.get('age') === age)
          .map(([id, fields]) => ({ ...personOf(fields), orders: byCustomer.get(id) ?? [] }))
      },
      ordersAbove: async (total) =>
        [...orders.values()]
          .filter((fields) => Number(fields.get('total')) >= total)
          .flatMap((fields) => {
            const order = orderOf(fields)
            const customer = people.get(order.customer)
            return customer === undefined ? [] : [{ ...order, customer: personOf(customer) }]
          }),

      watchOldestIn: (city, limit, observer) => watch(() => oldestIn(city, limit), observer),
      watchRicherThan: (points, observer) => watch(() => richer(points).map(personOf), observer),
      close: async () => {
        await provider.destroy()
        doc.destroy()
      },
    }
  },
}

// A map has the fields that were put into it: those of a person, or of an order.
const personOf = (fields: Fields): Person => fields.toJSON() as Person
const orderOf = (fields: Fields): NewOrder => fields.toJSON() as NewOrder
