import { openDB, type DBSchema } from 'idb'

import type { Contestant } from '../contestant.ts'
import type { Person } from '../documents.ts'

interface People extends DBSchema {
  people: { key: string; value: Person & { readonly id: string }; indexes: { age: number } }
}

/** The yardstick: what a page pays that puts its documents into IndexedDB itself, through `idb` alone. */
export const rawIdb: Contestant = {
  open: async (name) => {
    const database = await openDB<People>(name, 1, {
      upgrade: (upgraded) => {
        upgraded.createObjectStore('people', { keyPath: 'id' }).createIndex('age', 'age')
      },
    })

    async function put(documents: readonly Person[]): Promise<readonly string[]> {
      const records = documents.map((document) => ({ id: crypto.randomUUID(), ...document }))
      const transaction = database.transaction('people', 'readwrite', { durability: 'relaxed' })
      await Promise.all([...records.map((record) => transaction.store.put(record)), transaction.done])
      return records.map(({ id }) => id)
    }

    return {
      createMany: put,
      create: async (document) => (await put([document]))[0] ?? '',
      setAge: async (id, age) => {
        const transaction = database.transaction('people', 'readwrite', { durability: 'relaxed' })
        const record = await transaction.store.get(id)
        if (record !== undefined) await transaction.store.put({ ...record, age })
        await transaction.done
      },
      get: (id) => database.get('people', id),
      count: () => database.count('people'),
      richerThan: async (points) => (await database.getAll('people')).filter((record) => record.points >= points),
      ofAge: (age) => database.getAllFromIndex('people', 'age', age),
      oldest: async (limit) => {
        const found: Person[] = []
        for await (const cursor of database.transaction('people').store.index('age').iterate(null, 'prev')) {
          found.push(cursor.value)
          if (found.length === limit) break
        }
        return found
      },
      close: async () => database.close(),
    }
  },
}
