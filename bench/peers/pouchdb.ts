import PouchDB from 'pouchdb-browser'
import find from 'pouchdb-find'

import type { Person } from '../documents.ts'
import type { Order } from '../people-orders.ts'
import type { Observer, QueryContestant, Stop } from '../query-contestant.ts'

PouchDB.plugin(find)

/** A query without a limit gives 25 documents. */
const ALL = 1_000_000

type StoredOrder = Order & { readonly customer: string }
type Row = PouchDB.Core.ExistingDocument<Person>

/** PouchDB with its find plugin: a database for each kind of document, as its documents have no collections. */
export const pouchdb: QueryContestant = {
  open: async (name) => {
    const people = new PouchDB<Person>(`${name}-people`)
    const orders = new PouchDB<StoredOrder>(`${name}-orders`)
    await people.createIndex({ index: { fields: ['age'] } })
    await orders.createIndex({ index: { fields: ['customer'] } })
    const designs = 1

    async function ask(request: PouchDB.Find.FindRequest<Person>): Promise<readonly Row[]> {
      return (await people.find({ limit: ALL, ...request })).docs
    }

    /** Asks again whenever something has changed: it has no live queries of its own. */
    async function watch(request: PouchDB.Find.FindRequest<Person>, observer: Observer): Promise<Stop> {
      const again = (): Promise<void> => ask(request).then(observer.next, observer.error)
      await again()
      const changes = people.changes({ since: 'now', live: true }).on('change', () => void again())
      return async () => changes.cancel()
    }

    async function richerThan(points: number): Promise<readonly Row[]> {
      return ask({ selector: { points: { $gte: points } } })
    }

    return {
      createPeople: async (documents) => {
        const rows = documents.map((document) => ({ _id: crypto.randomUUID(), ...document }))
        refuse(await people.bulkDocs(rows))
        return rows.map(({ _id }) => _id)
      },
      createOrders: async (created) => {
        refuse(await orders.bulkDocs(created.map((order) => ({ _id: order.number, ...order }))))
      },
      setAge: async (id, age) => {
        await people.put({ ...(await people.get(id)), age })
      },

      get: (id) => people.get(id),
      ofAge: (age) => ask({ selector: { age } }),
      agedBetween: (from, to) => ask({ selector: { age: { $gte: from, $lte: to } } }),
      agedBetweenIn: (from, to, city) => ask({ selector: { age: { $gte: from, $lte: to }, city } }),
      oldest: (limit) => ask({ selector: { age: { $gt: null } }, sort: [{ age: 'desc' }], limit }),
      richerThan,
      count: async () => (await people.info()).doc_count - designs,
      countRicherThan: async (points) => (await richerThan(points)).length,
      pointsIn: async (city) => {
        const rows = await ask({ selector: { city } })
        const sum = rows.reduce((total, { points }) => total + points, 0)
        return { sum, average: sum / rows.length }
      },
      withOrders: async (age) => {
        const rows = await ask({ selector: { age } })
        const { docs } = await orders.find({ limit: ALL, selector: { customer: { $in: rows.map(({ _id }) => _id) } } })
        const byCustomer = Map.groupBy(docs, ({ customer }) => customer)
        return rows.map((row) => ({ ...row, orders: byCustomer.get(row._id) ?? [] }))
      },
      ordersAbove: async (total) => {
        const { docs } = await orders.find({ limit: ALL, selector: { total: { $gte: total } } })
        const { rows } = await people.allDocs({ keys: docs.map(({ customer }) => customer), include_docs: true })
        return docs.flatMap(({ number, total }, index) => {
          const row = rows[index]
          const customer = row !== undefined && 'doc' in row ? row.doc : undefined
          return customer === undefined || customer === null ? [] : [{ number, total, customer }]
        })
      },

      watchOldestIn: (city, limit, observer) => watch({ selector: { age: { $gt: null }, city }, sort: [{ age: 'desc' }], limit }, observer),
      watchRicherThan: (points, observer) => watch({ selector: { points: { $gte: points } } }, observer),
      close: async () => {
        await people.close()
        await orders.close()
      },
    }
  },
}

function refuse(results: readonly (PouchDB.Core.Response | PouchDB.Core.Error)[]): void {
  const failed = results.find((result) => 'error' in result)
  if (failed !== undefined) throw new Error(`a document was not stored: ${JSON.stringify(failed)}`)
}
