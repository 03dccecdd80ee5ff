import { describe, expect, it } from 'vitest'

import { sealBlock } from '../block/codec.ts'
import { COLLECTION_DAG, collectionCommit, isCollectionCommit } from '../block/replicated-commit.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'

const SCHEMA = 'type Page @branchable { title: String }'
const HISTORY = '{ commits(order: {height: ASC}) { cid height docID fieldName links { cid name } } }'

async function collectionHeads({ replica }: TestNode): Promise<unknown> {
  const [collectionId = ''] = replica.collectionIds()
  return replica.headsOf(collectionId, [COLLECTION_DAG])
}

describe("a branchable collection's own DAG", () => {
  it('comes over with the documents, in any order, to the same heads and history', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const pages = a.db.collection('Page')
    const [first] = await pages.create([{ title: 'one' }, { title: 'two' }])
    await pages.update(first ?? '', { title: 'three' })
    await deliver(a, b, (commits) => [...commits, ...commits].toReversed())
    expect(await collectionHeads(b)).toEqual(await collectionHeads(a))
    expect(await b.db.execute(HISTORY)).toEqual(await a.db.execute(HISTORY))
  })

  it('forks where two nodes write at once, and joins with the next write', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    await a.db.collection('Page').create({ title: 'from A' })
    await b.db.collection('Page').create({ title: 'from B' })
    await deliver(a, b)
    await deliver(b, a)
    expect(await collectionHeads(a)).toMatchObject([{ heads: { length: 2 } }])
    await a.db.collection('Page').create({ title: 'join' })
    await deliver(a, b)
    expect(await collectionHeads(a)).toMatchObject([{ heads: { length: 1 } }])
    expect(await collectionHeads(b)).toEqual(await collectionHeads(a))
  })

  it('is kept and passed on by a node whose own collection is not branchable', async () => {
    const [a, b, c] = [await openTestNode(SCHEMA), await openTestNode('type Page { title: String }'), await openTestNode(SCHEMA)]
    await a.db.collection('Page').create({ title: 'through B' })
    await deliver(a, b)
    await deliver(b, c)
    expect(await collectionHeads(c)).toEqual(await collectionHeads(a))
  })

  it('refuses a block whose height or link is not what it must be, and reports missing parents', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const pages = a.db.collection('Page')
    await pages.create({ title: 'one' })
    await pages.create({ title: 'two' })
    const [collectionId = ''] = a.replica.collectionIds()
    const [first, second] = (await a.replica.commitsSince(collectionId, COLLECTION_DAG, [])).filter(isCollectionCommit)
    if (first === undefined || second === undefined) throw new Error('there are no blocks')
    const { block } = first.composite
    const tooHigh = collectionCommit(sealBlock({ ...block, delta: { ...block.delta, priority: 9 } }))
    const linkless = collectionCommit(sealBlock({ ...block, links: [] }))
    const report = await b.replica.merge(collectionId, [tooHigh, linkless, second], { peer: 'test' })
    expect(report.merged).toBe(0)
    expect(report.rejected.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/links one composite/),
      expect.stringMatching(/height 9/),
    ])
    expect(report.missing).toMatchObject([{ docId: COLLECTION_DAG, parents: [first.composite.cid] }])
  })
})
