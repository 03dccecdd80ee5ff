import { createIndexes, createQueries, createStore, type Row as Cells } from 'tinybase'
import { createIndexedDbPersister } from 'tinybase/persisters/persister-indexed-db'

import { FIELDS, type Person } from '../documents.ts'
import type { NewOrder, Order } from '../people-orders.ts'
import type { Observer, QueryContestant, Stop } from '../query-contestant.ts'

/** TinyBase: all rows are in memory, with its indexes and queries over them; a write is stored when `save` has resolved. */
export const tinybase: QueryContestant = {
  open: async (name) => {
    const store = createStore()
    const persister = createIndexedDbPersister(store, name)
    await persister.load()
    const indexes = createIndexes(store)
    indexes.setIndexDefinition('byAge', 'people', 'age')
    indexes.setIndexDefinition('byCustomer', 'orders', 'customer')
    const queries = createQueries(store)

    const personOf = (id: string): Person => personOfCells(store.getRow('people', id))

    /** Goes through all rows; there is no index over a range. */
    function peopleWhere(cell: 'age' | 'points' | 'city', matches: (value: unknown) => boolean): string[] {
      return store.getRowIds('people').filter((id) => matches(store.getCell('people', id, cell)))
    }

    const richerThan = (points: number): string[] => peopleWhere('points', (value) => Number(value) >= points)
    const agedBetween = (from: number, to: number): string[] => peopleWhere('age', (value) => Number(value) >= from && Number(value) <= to)

    function stop(query: string, listener: string): Stop {
      return async () => {
        queries.delListener(listener)
        queries.delQueryDefinition(query)
      }
    }

    return {
      createPeople: async (documents) => {
        const ids = documents.map(() => crypto.randomUUID())
        store.transaction(() => {
          for (const [index, document] of documents.entries()) store.setRow('people', ids[index] ?? '', { ...document })
        })
        await persister.save()
        return ids
      },
      createOrders: async (orders) => {
        store.transaction(() => {
          for (const order of orders) store.setRow('orders', order.number, { ...order })
        })
        await persister.save()
      },
      setAge: async (id, age) => {
        store.setCell('people', id, 'age', age)
        await persister.save()
      },

      get: async (id) => personOf(id),
      ofAge: async (age) => indexes.getSliceRowIds('byAge', String(age)).map(personOf),
      agedBetween: async (from, to) => agedBetween(from, to).map(personOf),
      agedBetweenIn: async (from, to, city) =>
        agedBetween(from, to)
          .filter((id) => store.getCell('people', id, 'city') === city)
          .map(personOf),
      oldest: async (limit) => store.getSortedRowIds('people', 'age', true, 0, limit).map(personOf),
      richerThan: async (points) => richerThan(points).map(personOf),
      count: async () => store.getRowCount('people'),
      countRicherThan: async (points) => richerThan(points).length,
      pointsIn: async (city) => {
        const ids = peopleWhere('city', (value) => value === city)
        const sum = ids.reduce((total, id) => total + Number(store.getCell('people', id, 'points')), 0)
        return { sum, average: sum / ids.length }
      },
      withOrders: async (age) =>
        indexes.getSliceRowIds('byAge', String(age)).map((id) => ({
          ...personOf(id),
          orders: indexes.getSliceRowIds('byCustomer', id).map((number) => orderOf(store.getRow('orders', number))),
        })),
      ordersAbove: async (total) =>
        store
          .getRowIds('orders')
          .filter((number) => Number(store.getCell('orders', number, 'total')) >= total)
          .map((number) => {
            const order = orderOf(store.getRow('orders', number))
            return { ...order, customer: personOf(order.customer) }
          }),

      watchOldestIn: async (city, limit, observer: Observer) => {
        queries.setQueryDefinition('oldest', 'people', ({ select, where }) => {
          for (const field of FIELDS) select(field)
          where('city', city)
        })
        const give = (ids: readonly string[]): void => observer.next(ids.map((id) => personOfCells(queries.getResultRow('oldest', id))))
        give(queries.getResultSortedRowIds('oldest', 'age', true, 0, limit))
        return stop(
          'oldest',
          queries.addResultSortedRowIdsListener(
            'oldest',
            'age',
            true,
            0,
            limit,
            (_queries, _query, _cell, _descending, _offset, _limit, ids) => give(ids),
          ),
        )
      },
      watchRicherThan: async (points, observer) => {
        queries.setQueryDefinition('richer', 'people', ({ select, where }) => {
          for (const field of FIELDS) select(field)
          where((getCell) => Number(getCell('points')) >= points)
        })
        const give = (): void => observer.next(Object.values(queries.getResultTable('richer')).map(personOfCells))
        give()
        return stop('richer', queries.addResultTableListener('richer', give))
      },
      close: async () => {
        await persister.destroy()
      },
    }
  },
}

// A row has the cells that were set in it: those of a person, or of an order.
const personOfCells = (cells: Cells): Person => cells as unknown as Person
const orderOf = (cells: Cells): NewOrder & Order => cells as unknown as NewOrder
