import { describe, expect, it } from 'vitest'

import type { Commit, FieldDelta, SealedBlock } from '../block/block.ts'
import type { Cid } from '../block/cid.ts'
import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { DocumentRecord } from '../document/record.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { deliver, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'
import type { MergeReport } from './replica.ts'

const SCHEMA = 'type Card { name: String votes: Int @crdt(type: pncounter) }'

/** What two writers make of one document at the same time: `left` and `right` both build on `first`. */
async function aFork(): Promise<{ readonly docID: string; readonly first: Commit; readonly left: Commit; readonly right: Commit }> {
  const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
  const docID = await a.db.collection('Card').create({ name: 'n', votes: 1 })
  await deliver(a, b)
  await a.db.collection('Card').update(docID, { name: 'left', votes: 10 })
  await b.db.collection('Card').update(docID, { name: 'right', votes: 100 })
  const [[first, left], [, right]] = [await commitsOf(a, docID), await commitsOf(b, docID)]
  if (first === undefined || left === undefined || right === undefined) throw new Error('there are no commits')
  return { docID, first, left, right }
}

/** A commit on top of others with one field block, forged in what is given. */
function onTop(
  of: readonly Commit[],
  field: SealedBlock<FieldDelta>,
  change: Partial<FieldDelta> = {},
  heads: readonly Cid[] = [field.cid],
): Commit {
  const highest = Math.max(...of.map(({ composite }) => composite.block.delta.priority))
  const [base] = of
  if (base === undefined) throw new Error('there is nothing below')
  const { delta } = field.block
  const block = sealBlock({ delta: { ...delta, priority: delta.priority + 1, ...change } as FieldDelta, heads, links: [] })
  const above = { ...base.composite.block.delta, priority: highest + 1 }
  return sealCommit(
    above,
    of.map(({ composite }) => composite.cid),
    [block],
  )
}

function fieldOf({ fields }: Commit, name: string): SealedBlock<FieldDelta> {
  const field = fields.find(({ block }) => block.delta.fieldName === name)
  if (field === undefined) throw new Error(`there is no field ${name}`)
  return field
}

describe('the parents of a field block', () => {
  it('are blocks of commits that its own builds on: others would be heads or not, by the order of arrival', async () => {
    const { docID, first, left, right } = await aFork()
    const forged = onTop([left], fieldOf(right, 'name'))
    for (const order of [
      [first, left, right, forged],
      [first, left, forged, right],
    ]) {
      const node = await openTestNode(SCHEMA)
      const rejected: string[] = []
      for (const commit of order) rejected.push(...(await merge(node, [commit])).rejected.map(({ reason }) => reason))
      expect(rejected).toEqual(['field "name" builds on a block that is not among those before it'])
      expect((await recordOf(node, docID))?.fields.get('name')?.heads).toHaveLength(2)
    }
  })

  it('are blocks of the same field', async () => {
    const { first, left } = await aFork()
    const forged = onTop([left], fieldOf(left, 'votes'), {}, [fieldOf(left, 'name').cid])
    const node = await openTestNode(SCHEMA)
    expect((await merge(node, [first, left, forged])).rejected).toMatchObject([
      { reason: expect.stringMatching(/field "votes" builds on/) },
    ])
  })

  it('say what its height is: another one would count a change twice, by the order of arrival', async () => {
    const { docID, first, left } = await aFork()
    const low = onTop([left], fieldOf(left, 'votes'), { priority: 2 })
    const again = sealCommit(left.composite.block.delta, [first.composite.cid], [fieldOf(left, 'votes')])
    for (const order of [
      [first, left, low, again],
      [first, left, again, low],
    ]) {
      const node = await openTestNode(SCHEMA)
      const rejected: string[] = []
      for (const commit of order) rejected.push(...(await merge(node, [commit])).rejected.map(({ reason }) => reason))
      expect(rejected).toEqual(['field "votes" has height 2, which does not follow from its parents: 3'])
      expect(await node.db.collection('Card').get(docID)).toMatchObject({ votes: 11 })
    }
  })

  it.each([1, 5, 40])('are found %i commits back, where others have written meanwhile', async (distance) => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'n', votes: 1 })
    await deliver(a, b)
    await b.db.collection('Card').update(docID, { name: 'meanwhile' })
    for (let count = 1; count < distance; count++) await a.db.collection('Card').update(docID, { votes: 1 })
    await deliver(a, b)
    await a.db.collection('Card').update(docID, { name: 'at last' })
    const report = await merge(b, (await commitsOf(a, docID)).slice(-1))
    expect(report).toMatchObject({ merged: 1, rejected: [] })
    await deliver(b, a)
    expect(await recordOf(a, docID)).toEqual(await recordOf(b, docID))
  })

  it('cost no read where a commit builds on all that is here, and one where somebody has written meanwhile', async () => {
    const store = watchedStore(await openMemoryStore())
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA, { store })]
    const docID = await a.db.collection('Card').create({ name: 'n', votes: 1 })
    await deliver(a, b)
    const readsOfMerge = async (): Promise<number> => {
      await a.db.collection('Card').update(docID, { name: 'm', votes: 1 })
      const last = (await commitsOf(a, docID)).slice(-1)
      const { reads } = store
      expect(await merge(b, last)).toMatchObject({ merged: 1 })
      return store.reads - reads
    }
    const inLine = await readsOfMerge()
    expect(await readsOfMerge()).toBe(inLine)
    await b.db.collection('Card').update(docID, { votes: 1 })
    // Its parent is no head any more, so it was read for its height already.
    expect(await readsOfMerge()).toBe(inLine + 1)
    // Its parent is one of two heads.
    expect(await readsOfMerge()).toBe(inLine + 1)
  })
})

async function commitsOf({ replica }: TestNode, docID: string): Promise<readonly Commit[]> {
  const [collectionId = ''] = replica.collectionIds()
  return (await replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit)
}

async function merge({ replica }: TestNode, commits: readonly Commit[]): Promise<MergeReport> {
  const [collectionId = ''] = replica.collectionIds()
  return replica.merge(collectionId, commits, { peer: 'test' })
}

async function recordOf({ replica, store }: TestNode, docID: string): Promise<DocumentRecord | undefined> {
  const [collectionId = ''] = replica.collectionIds()
  const bytes = keys.isDocumentId(docID) ? await store.get(keys.document(collectionId, docID)) : undefined
  return bytes === undefined ? undefined : decodeRecord(bytes)
}
