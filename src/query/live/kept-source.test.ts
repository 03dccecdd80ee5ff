import { describe, expect, it } from 'vitest'

import type { DocumentRecord } from '../../document/record.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { queryTest, type QueryTest } from '../source.testkit.ts'
import type { QuerySource } from '../source.ts'
import { createKeptSource, type KeptSource } from './kept-source.ts'
import type { StoredChanges } from './stored-changes.ts'

const SDL = 'type Doc { n: Int @index } type Other { n: Int }'

describe('a kept source', () => {
  it('reads each document once, and answers from what it keeps', async () => {
    const { test, docs, ids } = await someDocuments(7)
    const kept = createKeptSource()
    const source = kept.over(test.source)
    expect(await all(source, docs)).toEqual(ids)
    expect(await all(source, docs)).toEqual(ids)
    expect(await all(source, docs, ids.slice(2, 4))).toEqual(ids.slice(2, 4))
    expect(test.source.scans).toBe(1)
    const { source: alone, misses } = kept.alone()
    expect(await all(alone, docs)).toEqual(ids)
    expect(misses()).toBe(false)
  })

  it('takes changes in, and knows what they do not touch', async () => {
    const { test, docs, ids } = await someDocuments(4)
    const kept = createKeptSource()
    await all(kept.over(test.source), docs)
    const [gone = '', deleted = ''] = ids
    const record = await recordOf(test, docs, deleted)
    expect(kept.apply(changesOf(test.collection('Other'), [['x', record]]))).toBe(false)
    expect(
      kept.apply(
        changesOf(docs, [
          [gone, undefined],
          [deleted, { ...record, status: 2 }],
          ['bae-new', record],
        ]),
      ),
    ).toBe(true)
    const { source } = kept.alone()
    expect(await all(source, docs)).toEqual(['bae-new', ...ids.slice(2)].toSorted())
    expect(await all(source, docs, undefined, true)).toEqual(['bae-new', ...ids.slice(1)].toSorted())
    expect([kept.reads(docs.collectionId), kept.reads(test.collection('Other').collectionId)]).toEqual([true, false])
  })

  it('is touched only by the documents that were named, there or not', async () => {
    const { test, docs, ids } = await someDocuments(4)
    const kept = createKeptSource()
    const [one = '', two = ''] = ids
    const record = await recordOf(test, docs, one)
    await all(kept.over(test.source), docs, [one, 'bae-later'])
    expect(kept.apply(changesOf(docs, [[two, record]]))).toBe(false)
    expect(kept.apply(changesOf(docs, [['bae-later', record]]))).toBe(true)
    const { source, misses } = kept.alone()
    expect(await all(source, docs, [one, 'bae-later'])).toEqual([one, 'bae-later'].toSorted())
    expect(misses()).toBe(false)
    await expect(all(source, docs)).rejects.toThrow(/more than it keeps/)
    expect(misses()).toBe(true)
  })

  it('is touched only as far as it was read, when its reader had enough', async () => {
    const { test, docs, ids } = await someDocuments(10)
    const kept = createKeptSource()
    const record = await recordOf(test, docs, ids[0] ?? '')
    // The source of this test gives three at a time.
    for await (const batch of kept.over(test.source).documents(docs, { showDeleted: false })) if (batch.length > 0) break
    expect(kept.apply(changesOf(docs, [[ids[3] ?? '', record]]))).toBe(false)
    expect(kept.apply(changesOf(docs, [[ids[2] ?? '', record]]))).toBe(true)
    await expect(all(kept.alone().source, docs)).rejects.toThrow(/more than it keeps/)
  })

  it('is touched by everything when reading failed', async () => {
    const { test, docs, ids } = await someDocuments(10)
    const kept = createKeptSource()
    const record = await recordOf(test, docs, ids[0] ?? '')
    const failing: QuerySource = {
      ...test.source,
      documents: async function* (...asked) {
        for await (const batch of test.source.documents(...asked)) {
          yield batch
          throw new Error('unreadable')
        }
      },
    }
    await expect(all(kept.over(failing), docs)).rejects.toThrow('unreadable')
    expect(kept.apply(changesOf(docs, [[ids[9] ?? '', record]]))).toBe(true)
  })

  it('is touched by the documents and collections whose history was read', async () => {
    const { test, docs, ids } = await someDocuments(3)
    const kept = createKeptSource()
    const [one = '', two = ''] = ids
    const record = await recordOf(test, docs, one)
    const source = kept.over(test.source)
    await source.history(one)
    await source.collectionHistory(docs)
    expect(kept.apply(changesOf(docs, [[two, record]]))).toBe(false)
    expect(kept.apply(changesOf(docs, [[one, record]]))).toBe(true)
    expect(kept.apply({ documents: new Map(), histories: new Set(['another']) })).toBe(false)
    expect(kept.apply({ documents: new Map(), histories: new Set([docs.collectionId]) })).toBe(true)
    await expect(kept.alone().source.history(one)).rejects.toThrow(/more than it keeps/)
  })

  it('keeps no order of an index: whoever takes the first in it has to read again', async () => {
    const { test, docs } = await someDocuments(3)
    const [index] = docs.indexes
    if (index === undefined) throw new Error('there is no index')
    const kept = createKeptSource()
    await all(kept.over(test.source), docs)
    const { source, misses } = kept.alone()
    expect(source.isComplete(docs, index)).toBe(false)
    expect(source.isComplete(docs, index, true)).toBe(true)
    expect(misses()).toBe(false)
    await expect(Array.fromAsync(source.indexEntries(docs, index, { ranges: [{}] }))).rejects.toThrow(/more than it keeps/)
    expect(misses()).toBe(true)
  })

  it('keeps no more than it may, and still knows what touches it', async () => {
    const { test, docs, ids } = await someDocuments(10)
    const kept: KeptSource = createKeptSource(5)
    const record = await recordOf(test, docs, ids[0] ?? '')
    const source = kept.over(test.source)
    expect(await all(source, docs)).toEqual(ids)
    expect(await all(source, docs)).toEqual(ids)
    expect(test.source.scans).toBe(2)
    expect(kept.apply(changesOf(docs, [['bae-new', record]]))).toBe(true)
    await expect(all(kept.alone().source, docs)).rejects.toThrow(/more than it keeps/)
  })
})

async function someDocuments(
  count: number,
): Promise<{ readonly test: QueryTest; readonly docs: CollectionVersion; readonly ids: readonly string[] }> {
  const test = queryTest(SDL)
  const ids = await test.create('Doc', ...Array.from({ length: count }, (_, n) => ({ n })))
  return { test, docs: test.collection('Doc'), ids: ids.toSorted() }
}

async function all(
  source: QuerySource,
  collection: CollectionVersion,
  docIds?: readonly string[],
  showDeleted = false,
): Promise<readonly string[]> {
  const found: string[] = []
  for await (const batch of source.documents(collection, { showDeleted, ...(docIds === undefined ? {} : { docIds }) })) {
    found.push(...batch.map(({ docId }) => docId))
  }
  return found
}

async function recordOf({ source }: QueryTest, collection: CollectionVersion, docId: string): Promise<DocumentRecord> {
  for await (const [document] of source.documents(collection, { docIds: [docId], showDeleted: true })) {
    source.scans = 0
    if (document !== undefined) return document.record
  }
  throw new Error(`no document ${docId}`)
}

function changesOf(
  { collectionId }: CollectionVersion,
  changed: readonly (readonly [string, DocumentRecord | undefined])[],
): StoredChanges {
  return { documents: new Map([[collectionId, new Map(changed)]]), histories: new Set() }
}
