import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { casesToPlay, playCases, type Answering } from '../query/oracle/oracle-case.testkit.ts'
import { shapeToSdl, type Shape } from '../query/oracle/shape.testkit.ts'
import { openTestNode } from './database.testkit.ts'
import type { Database } from './database.ts'

describe('a database', () => {
  it('answers any request as the evaluator does, with indexes and without', async () => {
    const runs = casesToPlay(180)
    expect(await playCases(runs, openBoth)).toBeGreaterThanOrEqual(runs * 20)
  }, 3_600_000)
})

async function openBoth(shape: Shape): Promise<readonly Answering[]> {
  const plain = await openTestNode(shapeToSdl(shape, { indexed: false }))
  const indexed = await openTestNode(shapeToSdl(shape, { indexed: true }))
  expect(indexed.replica.collectionIds()).toEqual(plain.replica.collectionIds())
  return [answering('without indexes', plain.db), answering('with indexes', indexed.db)]
}

function answering(name: string, db: Database): Answering {
  return {
    name,
    create: async (type, values) => {
      try {
        return await db.collection(type).create(values)
      } catch (error) {
        if (isFailure(error, 'ALREADY_EXISTS')) return undefined
        throw error
      }
    },
    update: (type, docId, values) => db.collection(type).update(docId, values),
    delete: async (type, docId) => {
      expect(await db.collection(type).delete(docId)).toBe(true)
    },
    updateMany: (type, filter, values) => db.collection(type).updateMany(filter, values),
    deleteMany: (type, filter) => db.collection(type).deleteMany(filter),
    execute: ({ text, variables }) => db.execute(text, { variables }),
    close: () => db.close(),
  }
}
