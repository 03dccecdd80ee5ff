import { describe, expect, it } from 'vitest'

import { openLocalDatabase } from './local-database.ts'
import { deleteIndexedDbStore, openIndexedDbStore } from '../storage/indexeddb.browser.ts'
import { countedPacing } from '../util/pacer.testkit.ts'
import { createPacer, WORTH_A_LOOK } from '../util/pacer.ts'
import { watchedStore } from './database.testkit.ts'

const COUNT = 20_000

describe('twenty thousand documents in IndexedDB', () => {
  it('are written and read in slices, and reading stops when nobody wants it any more', { timeout: 120_000 }, async () => {
    const name = `pacing-${crypto.randomUUID()}`
    const store = watchedStore(await openIndexedDbStore(name))
    const controller = new AbortController()
    let stopAt = Number.POSITIVE_INFINITY
    const pacing = countedPacing((rests) => {
      if (rests === stopAt) controller.abort()
    })
    const db = await openLocalDatabase({ name, store, storageKind: 'indexeddb', schema: 'type Note { title: String n: Int }', pacing })
    try {
      pacing.mark()
      await db.collection('Note').create(Array.from({ length: COUNT }, (_, n) => ({ title: `note ${n}`, n })))
      expect(store.applies).toBe(2)
      expect(pacing.sinceMark).toBeGreaterThanOrEqual((4 * COUNT) / WORTH_A_LOOK)

      pacing.mark()
      const { data } = await db.execute('{ Note(order: {n: DESC}, limit: 2) { n } }')
      expect(data).toEqual({ Note: [{ n: COUNT - 1 }, { n: COUNT - 2 }] })
      // Read, its key taken, sorted and merged: each goes through all documents.
      expect(pacing.sinceMark).toBeGreaterThanOrEqual((3 * COUNT) / WORTH_A_LOOK)

      const before = store.reads
      stopAt = pacing.rests + 10
      const { errors } = await db.execute('{ Note { title } }', { signal: controller.signal })
      expect(errors?.[0]?.extensions?.code).toBe('ABORTED')
      // The first two pages, of 128 and 512 documents.
      expect(store.reads - before).toBe(2)
    } finally {
      await db.close()
      await deleteIndexedDbStore(name)
    }
  })

  it('a rest lets the answers of the storage and messages of others come in', async () => {
    const name = `pacing-${crypto.randomUUID()}`
    const store = await openIndexedDbStore(name)
    await store.apply([{ key: Uint8Array.of(1), value: Uint8Array.of(1) }])
    const pacer = createPacer()
    const { port1, port2 } = new MessageChannel()
    const came: string[] = []
    port1.addEventListener('message', () => came.push('message'))
    port1.start()
    port2.postMessage('x')
    const read = store.get(Uint8Array.of(1)).then(() => came.push('read'))
    for (let rests = 0; came.length < 2 && rests < 100_000; rests++) await pacer.rest()
    expect(came.toSorted()).toEqual(['message', 'read'])
    await read
    await store.close()
    await deleteIndexedDbStore(name)
  })
})
