import { describe, expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { cidToText, rawCid } from '../block/cid.ts'
import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'

const SCHEMA = 'type Card { name: String votes: Int @crdt(type: pncounter) tags: [String!] }'

describe('merging', () => {
  it('brings a document over with its history, once', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'one', votes: 1 })
    await a.db.collection('Card').update(docID, { votes: 4 })
    await deliver(a, b)
    await deliver(a, b)
    expect(await b.db.collection('Card').get(docID)).toMatchObject({ name: 'one', votes: 5 })
    expect(await headsOf(b, docID)).toEqual(await headsOf(a, docID))
  })

  it('tells what parents are missing and keeps nothing of the orphan', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'first' })
    await a.db.collection('Card').update(docID, { name: 'second' })
    const [first, second] = await commitsOf(a, docID)
    const report = await merge(b, [second])
    expect(report).toMatchObject({ merged: 0, missing: [{ docId: docID, parents: [first?.composite.cid] }] })
    expect(await b.db.collection('Card').get(docID)).toBeUndefined()
    expect(await merge(b, [second, first])).toMatchObject({ merged: 2, missing: [] })
  })

  it('merges a diamond of a counter exactly once, whatever the order', async () => {
    const [a, b, c] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'n', votes: 1 })
    await deliver(a, b)
    await a.db.collection('Card').update(docID, { votes: 10 })
    await b.db.collection('Card').update(docID, { votes: 100 })
    await deliver(b, a)
    await a.db.collection('Card').update(docID, { votes: 1000 })
    await deliver(a, c, (commits) => [...commits, ...commits].toReversed())
    expect(await c.db.collection('Card').get(docID)).toMatchObject({ votes: 1111 })
  })

  it('lets a deletion win over a concurrent update on every node', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'n' })
    await deliver(a, b)
    await a.db.collection('Card').delete(docID)
    await b.db.collection('Card').update(docID, { name: 'm' })
    await deliver(a, b)
    await deliver(b, a)
    for (const { db } of [a, b]) {
      expect(await db.collection('Card').get(docID)).toBeUndefined()
      expect(await db.collection('Card').get(docID, { showDeleted: true })).toMatchObject({ name: 'm' })
    }
  })

  it('rejects a document ID that is not that of the content', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'n' })
    const forged = (await commitsOf(a, docID)).map((commit) => underDocId(commit, 'bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3'))
    const report = await merge(b, forged)
    expect(report.merged).toBe(0)
    expect(report.rejected[0]?.reason).toMatch(/is not that of its content/)
  })

  it('rejects commits under another collection than theirs, also with a field nobody knows', async () => {
    const schema = 'type Note { name: String body: String } type Tag { name: String }'
    const [a, b] = [await openTestNode(schema), await openTestNode(schema)]
    const docID = await a.db.collection('Note').create({ name: 'n', body: 'b' })
    const [note = '', tag = ''] = ['Note', 'Tag'].map((name) =>
      a.replica.collectionIds().find((id) => a.replica.collectionName(id) === name),
    )
    const commits = (await a.replica.commitsSince(note, docID, [])).filter(isDocumentCommit)
    const planted = await b.replica.merge(tag, commits, { peer: 'test' })
    expect(planted).toMatchObject({ merged: 0, rejected: [{ reason: expect.stringMatching(/of another collection than "Tag"/) }] })

    await b.replica.merge(note, commits, { peer: 'test' })
    const forged = commits.map(({ composite, fields }) => {
      const unversioned = fields.map(({ block }) => sealBlock({ ...block, delta: { ...block.delta, schemaVersionId: tag } }))
      return sealCommit({ ...composite.block.delta, schemaVersionId: tag }, [], unversioned)
    })
    const report = await b.replica.merge(tag, forged, { peer: 'test' })
    expect(report).toMatchObject({ merged: 0, rejected: [{ reason: expect.stringMatching(/is of another collection/) }] })
    expect(await b.db.execute('{ Tag(showDeleted: true) { name } }')).toEqual({ data: { Tag: [] } })
  })

  it('rejects a height that does not follow from the parents', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'n' })
    const forged = (await commitsOf(a, docID)).map(({ composite, fields }) => ({
      fields,
      composite: sealBlock({ ...composite.block, delta: { ...composite.block.delta, priority: 1_000_000 } }),
    }))
    expect((await merge(b, forged)).rejected[0]?.reason).toMatch(/height 1000000 does not follow/)
    expect(await b.db.collection('Card').get(docID)).toBeUndefined()
  })

  it('reads the whole history of a document only where it is ahead of the writer by more than one change of a field', async () => {
    const store = watchedStore(await openMemoryStore())
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA, { store })]
    const docID = await a.db.collection('Card').create({ name: 'n', votes: 1 })
    await deliver(a, b)
    const scansOfMerge = async (ahead: number): Promise<number> => {
      await a.db.collection('Card').update(docID, { votes: 1 })
      for (let count = 0; count < ahead; count++) await b.db.collection('Card').update(docID, { votes: 1 })
      const commits = await commitsOf(a, docID)
      const before = store.scans
      await merge(b, commits)
      const { scans } = store
      await deliver(b, a)
      return scans - before
    }
    expect([await scansOfMerge(0), await scansOfMerge(1), await scansOfMerge(2)]).toEqual([0, 0, 1])
  })

  it('shows a history that was joined from the last of its heads back, as far as they are not shown already', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'n' })
    await deliver(a, b)
    for (const [index, { db }] of [a, b].entries()) await db.collection('Card').update(docID, { name: `side ${index}` })
    await deliver(b, a)
    await a.db.collection('Card').update(docID, { name: 'join' })
    const { data } = await a.db.execute('{ commits(fieldName: "_C") { cid links { name cid } } }')
    const commits = (data as { commits: { cid: string; links: { name: string; cid: string }[] }[] }).commits
    const [first, last] = (commits[0]?.links ?? []).filter(({ name }) => name === '_head').map(({ cid }) => cid)
    const root = cidToText((await commitsOf(a, docID))[0]?.composite.cid ?? rawCid(new Uint8Array()))
    expect(commits.slice(1).map(({ cid }) => cid)).toEqual([last, root, first])
  })

  it('takes the commits of a version that became active while it waited for its turn', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const patch = [{ op: 'add', path: '/Card/Fields/email', value: { Kind: 'String' } }]
    await a.db.schema.patch(patch)
    const docID = await a.db.collection('Card').create({ name: 'n', email: 'e' })
    const commits = await commitsOf(a, docID)
    await Promise.all([b.db.schema.patch(patch), merge(b, commits)])
    expect(await b.db.collection('Card').get(docID)).toMatchObject({ name: 'n', email: 'e' })
    await expectConsistent(b.store)
  })

  it('leaves out what builds on a refused commit, and takes the rest', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Card').create({ name: 'n', votes: 1 })
    const [first] = await commitsOf(a, docID)
    await a.db.collection('Card').update(docID, { votes: 1 })
    const [, good] = await commitsOf(a, docID)
    if (first === undefined || good === undefined) throw new Error('there are no commits')
    const bad = {
      fields: [],
      composite: sealBlock({ ...good.composite.block, links: [], delta: { ...good.composite.block.delta, priority: 7 } }),
    }
    const child = {
      fields: [],
      composite: sealBlock({ ...bad.composite.block, heads: [bad.composite.cid], delta: { ...bad.composite.block.delta, priority: 8 } }),
    }
    const report = await merge(b, [child, bad, good, first])
    expect(report).toMatchObject({
      merged: 2,
      rejected: [{ cid: bad.composite.cid }],
      missing: [{ docId: docID, parents: [bad.composite.cid] }],
    })
    expect(await headsOf(b, docID)).toEqual(await headsOf(a, docID))
    await expectConsistent(b.store)
  })
})

async function commitsOf({ replica }: TestNode, docID: string): Promise<readonly Commit[]> {
  const [collectionId = ''] = replica.collectionIds()
  return (await replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit)
}

async function merge({ replica }: TestNode, commits: readonly (Commit | undefined)[]): ReturnType<TestNode['replica']['merge']> {
  const [collectionId = ''] = replica.collectionIds()
  return replica.merge(
    collectionId,
    commits.filter((commit) => commit !== undefined),
    { peer: 'test' },
  )
}

async function headsOf({ replica }: TestNode, docID: string): Promise<unknown> {
  const [collectionId = ''] = replica.collectionIds()
  return replica.headsOf(collectionId, [docID])
}

/** The same commit claimed for another document. */
function underDocId(commit: Commit, docId: string): Commit {
  const fields = commit.fields.map(({ block }) => sealBlock({ ...block, delta: { ...block.delta, docId } }))
  const links = fields.map((field) => ({ name: field.block.delta.fieldName, cid: field.cid }))
  const { block } = commit.composite
  return { fields, composite: sealBlock({ ...block, links, delta: { ...block.delta, docId } }) }
}
