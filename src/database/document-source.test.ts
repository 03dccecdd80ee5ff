import { describe, expect, it } from 'vitest'

import { MAX_ENTRIES } from '../document/index-entries.ts'
import { entryRange, readEntry } from '../document/index-key.ts'
import { indexLayout, type IndexLayout } from '../document/index-layout.ts'
import { keys } from '../document/keys.ts'
import type { QuerySource } from '../query/source.ts'
import type { CollectionVersion, IndexDescription } from '../schema/collection-version.ts'
import type { KeyRange, Store } from '../storage/store.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { createPacer } from '../util/pacer.ts'
import { systemRandomness } from '../util/randomness.ts'
import { loadCatalog } from './catalog.ts'
import { NO_VECTORS } from './embedding/vectors.ts'
import { deliver, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'
import { readSource, writeSource } from './document-source.ts'
import { loadIndexOverflows } from './index-overflows.ts'
import { overlay } from './view.ts'

interface Indexed {
  readonly collection: CollectionVersion
  readonly index: IndexDescription
  readonly layout: IndexLayout
}

async function indexedIn({ db }: TestNode): Promise<Indexed> {
  const [collection] = await db.collections.describe()
  const [index] = collection?.indexes ?? []
  const layout = collection === undefined || index === undefined ? undefined : indexLayout(collection, index)
  if (collection === undefined || index === undefined || layout === undefined) throw new Error('an index was to be here')
  return { collection, index, layout }
}

function between({ layout }: Indexed, from: number, to: number): KeyRange {
  return entryRange(layout, [], {
    path: [],
    through: 'value',
    from: { value: from, inclusive: true },
    to: { value: to, inclusive: true },
  })
}

async function batchesOf(
  source: QuerySource,
  { collection, index, layout }: Indexed,
  options: Parameters<QuerySource['indexEntries']>[2],
): Promise<readonly (readonly unknown[])[]> {
  const batches: unknown[][] = []
  for await (const batch of source.indexEntries(collection, index, options)) {
    batches.push(batch.map((key) => readEntry(layout, key).parts[0]?.value))
  }
  return batches
}

async function toolsOf(store: Store): Promise<Parameters<typeof readSource>[1]> {
  return { overflows: await loadIndexOverflows(store), pacer: createPacer() }
}

const SCHEMA = 'type User { age: Int @index name: String }'
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number)

describe('the entries of an index', () => {
  it('are read range after range, in order or reversed', async () => {
    const node = await openTestNode(SCHEMA)
    await node.db.collection('User').create(upTo(10).map((age) => ({ age })))
    const indexed = await indexedIn(node)
    const source = readSource(node.store, await toolsOf(node.store))
    const ranges = [between(indexed, 5, 7), between(indexed, 1, 2)]
    expect((await batchesOf(source, indexed, { ranges })).flat()).toEqual([5, 6, 7, 1, 2])
    expect((await batchesOf(source, indexed, { ranges, reverse: true })).flat()).toEqual([2, 1, 7, 6, 5])
  })

  it('are read in batches that grow, each entry once, and no further than somebody wants', async () => {
    const store = watchedStore(await openMemoryStore())
    const node = await openTestNode(SCHEMA, { store })
    await node.db.collection('User').create(upTo(1_000).map((age) => ({ age })))
    const indexed = await indexedIn(node)
    const source = readSource(store, await toolsOf(store))
    const ranges = [between(indexed, 0, 1_000)]
    for (const reverse of [false, true]) {
      const batches = await batchesOf(source, indexed, { ranges, reverse })
      expect(batches.map(({ length }) => length)).toEqual([128, 512, 360])
      expect(batches.flat()).toEqual(reverse ? upTo(1_000).toReversed() : upTo(1_000))
    }
    const { scans } = store
    for await (const _ of source.indexEntries(indexed.collection, indexed.index, { ranges })) break
    expect(store.scans - scans).toBe(1)
  })

  it('stop at a signal', async () => {
    const node = await openTestNode(SCHEMA)
    await node.db.collection('User').create({ age: 1 })
    const indexed = await indexedIn(node)
    const source = readSource(node.store, await toolsOf(node.store))
    const reading = batchesOf(source, indexed, { ranges: [between(indexed, 0, 2)], signal: AbortSignal.abort() })
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('are those of the writes before, in one request', async () => {
    const node = await openTestNode(SCHEMA)
    const first = await node.db.collection('User').create({ age: 1 })
    const indexed = await indexedIn(node)
    const tools = {
      ...(await toolsOf(node.store)),
      catalog: await loadCatalog(node.store),
      vectors: NO_VECTORS,
      randomness: systemRandomness,
    }
    const source = writeSource(overlay(node.store), [], tools)
    await source.create(indexed.collection, [new Map([['age', 3]])])
    await source.update(indexed.collection, [first], new Map([['age', 2]]))
    const ranges = [between(indexed, 0, 10)]
    expect(await batchesOf(source, indexed, { ranges })).toEqual([[2, 3]])
    await source.delete(indexed.collection, [first])
    expect(await batchesOf(source, indexed, { ranges })).toEqual([[3]])
  })
})

describe('an index', () => {
  it('is complete until a merge brings a document that is too large for it, and then not before the database is opened anew', async () => {
    const [a, b] = [await openTestNode('type User { tags: [Int!] }'), await openTestNode('type User { tags: [Int!] @index }')]
    const { collection, index } = await indexedIn(b)
    const overflows = await loadIndexOverflows(b.store)
    const docID = await a.db.collection('User').create({ tags: upTo(MAX_ENTRIES + 1) })
    expect(readSource(b.store, { overflows, pacer: createPacer() }).isComplete(collection, index)).toBe(true)
    await deliver(a, b)
    const later = await loadIndexOverflows(b.store)
    expect(readSource(b.store, { overflows: later, pacer: createPacer() }).isComplete(collection, index)).toBe(false)
    await b.db.collection('User').delete(docID)
    // An older state may still be read.
    expect(readSource(b.store, { overflows: later, pacer: createPacer() }).isComplete(collection, index)).toBe(false)
    expect(readSource(b.store, await toolsOf(b.store)).isComplete(collection, index)).toBe(true)
  })

  it('is not complete any more once somebody takes note of what is about to be stored', async () => {
    const node = await openTestNode(SCHEMA)
    const { collection, index } = await indexedIn(node)
    const docID = await node.db.collection('User').create({ age: 1 })
    const overflows = await loadIndexOverflows(node.store)
    const mark = keys.indexOverflow(collection.collectionId, index.id, docID)
    overflows.note([{ key: mark, value: undefined }])
    expect(overflows.has(collection.collectionId, index.id)).toBe(false)
    overflows.note([{ key: mark, value: new Uint8Array() }])
    expect(overflows.has(collection.collectionId, index.id)).toBe(true)
    expect(overflows.has(collection.collectionId, index.id + 1)).toBe(false)
  })

  it('over a field that this version does not have is not complete', async () => {
    const node = await openTestNode(SCHEMA)
    const { collection, index } = await indexedIn(node)
    const fields = collection.fields.filter(({ name }) => name !== 'age')
    const source = readSource(node.store, await toolsOf(node.store))
    expect(source.isComplete({ ...collection, fields }, index)).toBe(false)
  })
})
