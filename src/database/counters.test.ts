import { describe, expect, it } from 'vitest'

import type { ReplicatedCommit } from '../block/replicated-commit.ts'
import { DatabaseError } from '../errors.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { randomnessOf, randomOf, testSeed } from '../util/seed.testkit.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, keptOpen, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'

const SCHEMA =
  'type Tally { name: String any: Int @crdt(type: pncounter) up: Int @crdt(type: pcounter) part: Float @crdt(type: pncounter) }'
const DIAMONDS = 12

interface Tally {
  readonly any: number
  readonly up: number
  readonly part: number
}

interface History {
  readonly docID: string
  readonly commits: readonly ReplicatedCommit[]
  /** What every node must count that has all of it. */
  readonly totals: Tally
  /** One of the two who made it. */
  readonly writer: TestNode
}

/**
 * A ladder of diamonds: two writers count at once, exchange, and count again. From its top, 2^12 ways lead to its foot. Each step counts another power of two, so that a
 * sum tells which steps are in it and how often; sums of such fractions are exact.
 */
async function aLadder(): Promise<History> {
  const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
  const docID = await a.db.collection('Tally').create({ name: 'ladder', any: 1, up: 1, part: 1 })
  await deliver(a, b)
  let totals = { any: 1, up: 1, part: 1 }
  for (let diamond = 0; diamond < DIAMONDS; diamond++) {
    for (const [side, { db }] of [a, b].entries()) {
      const up = 2 ** (1 + 2 * diamond + side)
      const added = { any: side === 0 ? up : -up, up, part: up / 1024 }
      await db.collection('Tally').update(docID, added)
      totals = { any: totals.any + added.any, up: totals.up + added.up, part: totals.part + added.part }
    }
    await deliver(a, b)
    await deliver(b, a)
  }
  await a.db.collection('Tally').update(docID, { name: 'top' })
  expect(await tallyOf(a, docID)).toEqual(totals)
  return { docID, commits: await a.replica.commitsSince(collectionIdOf(a), docID, []), totals, writer: a }
}

describe('a counter block counts once', () => {
  it('in a ladder of diamonds that comes at once, in any order and twice', async () => {
    const { docID, commits, totals, writer } = await aLadder()
    const random = randomOf(testSeed())
    const orders = [commits, commits.toReversed(), ...Array.from({ length: 20 }, () => random.shuffled([...commits, ...commits]))]
    for (const order of orders) {
      const node = await openTestNode(SCHEMA)
      expect((await merge(node, order)).merged).toBe(commits.length)
      expect(await tallyOf(node, docID)).toEqual(totals)
      expect(await headsOf(node, docID)).toEqual(await headsOf(writer, docID))
      await expectConsistent(node.store)
    }
  })

  it('when its history comes in pieces that overlap', async () => {
    const { docID, commits, totals } = await aLadder()
    const node = await openTestNode(SCHEMA)
    for (let end = 1; end <= commits.length; end++) await merge(node, commits.slice(Math.max(0, end - 5), end))
    expect(await tallyOf(node, docID)).toEqual(totals)
    expect(await merge(node, commits)).toMatchObject({ merged: 0, known: commits.length })
    expect(await tallyOf(node, docID)).toEqual(totals)
  })

  it('when the database is opened anew at any point of its history and everything is sent again', async () => {
    const { docID, commits, totals } = await aLadder()
    const store = keptOpen(await openMemoryStore())
    for (let end = 1; end <= commits.length; end++) {
      const node = await openTestNode(SCHEMA, { store })
      await merge(node, commits.slice(0, end).toReversed())
      await node.db.close()
    }
    expect(await tallyOf(await openTestNode(SCHEMA, { store }), docID)).toEqual(totals)
  })

  it('when several peers send the same commits at once', async () => {
    const { docID, commits, totals } = await aLadder()
    const node = await openTestNode(SCHEMA)
    const random = randomOf(testSeed())
    const reports = await Promise.all(Array.from({ length: 4 }, () => merge(node, random.shuffled(commits))))
    expect(reports.map(({ merged, known }) => merged + known)).toEqual(reports.map(() => commits.length))
    expect(reports.reduce((sum, { merged }) => sum + merged, 0)).toBe(commits.length)
    expect(await tallyOf(node, docID)).toEqual(totals)
  })

  it('when merges race with local updates, on every node in the end', async () => {
    const { docID, commits, totals, writer } = await aLadder()
    const node = await openTestNode(SCHEMA)
    await merge(node, commits.slice(0, 1))
    const local = 2 ** 30
    const writes = [1, 2, 4].map((factor) => node.db.collection('Tally').update(docID, { any: factor * local, up: factor * local }))
    await Promise.all([merge(node, commits.slice(0, 9)), ...writes, merge(node, commits), merge(node, commits.toReversed())])
    await deliver(node, writer)
    await deliver(writer, node)
    for (const at of [node, writer]) {
      expect(await tallyOf(at, docID)).toEqual({ ...totals, any: totals.any + 7 * local, up: totals.up + 7 * local })
      await expectConsistent(at.store)
    }
  })

  it('when a merge makes a transaction that counts run again', async () => {
    const { docID, commits, totals } = await aLadder()
    const node = await openTestNode(SCHEMA)
    await merge(node, commits.slice(0, 1))
    let runs = 0
    await node.db.transaction(async (tx) => {
      runs += 1
      await tx.collection('Tally').update(docID, { up: 2 ** 30 })
      if (runs === 1) await merge(node, commits)
    })
    expect(runs).toBe(2)
    expect(await tallyOf(node, docID)).toEqual({ ...totals, up: totals.up + 2 ** 30 })
  })

  it('when the storage refuses it the first time', async () => {
    const { docID, commits, totals } = await aLadder()
    const store = watchedStore(await openMemoryStore())
    const node = await openTestNode(SCHEMA, { store })
    await merge(node, commits.slice(0, 5))
    store.failWith = new DatabaseError('STORAGE_FULL', 'no room', {})
    await expect(merge(node, commits)).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    await expect(node.db.collection('Tally').update(docID, { up: 2 ** 30 })).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    store.failWith = undefined
    await merge(node, commits)
    expect(await tallyOf(node, docID)).toEqual(totals)
  })

  it('where two writers have created the same document in two ways', async () => {
    const [a, b, late] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await a.db.collection('Tally').create({ any: 1, up: 2, part: 0.5 })
    expect(await b.db.collection('Tally').create({ any: 1, up: 2, part: 0.5, name: null })).toBe(docID)
    await a.db.collection('Tally').update(docID, { any: 10, name: 'a' })
    await b.db.collection('Tally').update(docID, { any: 100 })
    await deliver(a, b)
    await deliver(b, a)
    await deliver(a, late, (commits) => commits.toReversed())
    for (const node of [a, b, late]) {
      expect(await tallyOf(node, docID)).toEqual({ any: 111, up: 2, part: 0.5 })
      await expectConsistent(node.store)
    }
  })
})

describe('increments', () => {
  it('are commits of their own on each node, and the same ones again with the same random numbers', async () => {
    const counted = async (seed: number): Promise<unknown> => {
      const node = await openTestNode(SCHEMA, { randomness: randomnessOf(randomOf(seed)) })
      const docID = await node.db.collection('Tally').create({ name: 'one' })
      await node.db.collection('Tally').update(docID, { any: 1 })
      return headsOf(node, docID)
    }
    const [first, other, again] = [await counted(1), await counted(2), await counted(1)]
    expect(first).toEqual(again)
    expect(first).not.toEqual(other)
  })
})

function collectionIdOf({ replica }: TestNode): string {
  return replica.collectionIds()[0] ?? ''
}

function merge(node: TestNode, commits: readonly ReplicatedCommit[]): ReturnType<TestNode['replica']['merge']> {
  return node.replica.merge(collectionIdOf(node), commits, { peer: 'test' })
}

function headsOf(node: TestNode, docID: string): Promise<unknown> {
  return node.replica.headsOf(collectionIdOf(node), [docID])
}

async function tallyOf({ db }: TestNode, docID: string): Promise<Tally> {
  const found = await db.collection<Tally>('Tally').get(docID)
  if (found === undefined) throw new Error(`${docID} is not there`)
  const { any, up, part } = found
  return { any, up, part }
}
