import { expect, test } from 'vitest'

import type { Progress } from '../database/database.ts'
import { createListeners } from '../util/listeners.ts'
import { syncDocuments, type AskedSession } from './document-sync.ts'
import type { SharedCollection } from './interests.ts'

const NOTES: SharedCollection = { collectionId: 'id', name: 'Note', isWanted: false, key: 'key', topic: new Uint8Array() }

/** A peer that has some documents, and gives them one after the other. */
function aPeer(...docIds: readonly string[]): AskedSession {
  return {
    shares: () => true,
    pullNamed: async (_collection, asked, onHere = () => {}) => {
      const here = docIds.filter((docId) => asked.includes(docId))
      for (const docId of here) {
        await Promise.resolve()
        onHere([docId])
      }
      return here
    },
  }
}

interface Synced {
  readonly missing: Promise<readonly string[]>
  readonly told: Progress[]
}

function sync(docIds: readonly string[], peers: readonly AskedSession[], signal = new AbortController().signal): Synced {
  const told: Progress[] = []
  const parts = { sessions: () => peers, onArrival: createListeners<void>().add }
  return { missing: syncDocuments(parts, NOTES, docIds, { signal, onProgress: (progress) => told.push(progress) }), told }
}

test('progress is told as documents arrive, each once, whoever brings it', async () => {
  const { missing, told } = sync(['a', 'b', 'c'], [aPeer('a', 'b'), aPeer('b', 'c')])
  expect(await missing).toEqual([])
  expect(told).toEqual([1, 2, 3].map((done) => ({ done, total: 3 })))
})

test('progress is told at the end, when nothing was found', async () => {
  const { missing, told } = sync(['a'], [aPeer()], AbortSignal.abort())
  expect(await missing).toEqual(['a'])
  expect(told).toEqual([{ done: 0, total: 1 }])
})

test('nothing is told after the signal has fired', async () => {
  const controller = new AbortController()
  const { missing, told } = sync(['a', 'b'], [aPeer('a', 'b')], controller.signal)
  controller.abort()
  expect(await missing).toEqual(['a', 'b'])
  await new Promise((resolve) => setImmediate(resolve))
  expect(told).toEqual([{ done: 0, total: 2 }])
})

test('what the listener throws ends the sync', async () => {
  const parts = { sessions: () => [aPeer('a', 'b')], onArrival: createListeners<void>().add }
  const onProgress = (): void => {
    throw new Error('enough')
  }
  const syncing = syncDocuments(parts, NOTES, ['a', 'b'], { signal: new AbortController().signal, onProgress })
  await expect(syncing).rejects.toThrow('enough')
})
