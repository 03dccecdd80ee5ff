import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Cid } from '../block/cid.ts'
import { packReplicated } from '../block/replicated-commit.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { bytesToHex } from '../util/bytes.ts'
import { deliver, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'

const SCHEMA = 'type Card { name: String }'

function cardOf(node: TestNode): string {
  return node.replica.collectionIds()[0] ?? ''
}

/** A document with a history that was made on two nodes: how often each writes between the times when they meet. */
async function aHistory(rounds: readonly (readonly [number, number])[]): Promise<{ readonly node: TestNode; readonly docID: string }> {
  const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
  const docID = await a.db.collection('Card').create({ name: 'first' })
  for (const [ofA, ofB] of rounds) {
    await deliver(a, b)
    await deliver(b, a)
    for (let index = 0; index < ofA; index++) await a.db.collection('Card').update(docID, { name: `a${index}` })
    for (let index = 0; index < ofB; index++) await b.db.collection('Card').update(docID, { name: `b${index}` })
  }
  await deliver(b, a)
  return { node: a, docID }
}

test('what is packed for a peer is what it lacks, in an order in which it can be merged', async () => {
  const few = fc.nat(3)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(few, few), { maxLength: 4 }), fc.infiniteStream(fc.nat(99)), async (rounds, picks) => {
      const { node, docID } = await aHistory(rounds)
      const history = await node.replica.commitsSince(cardOf(node), docID, [])
      // What a peer has is any state of the past, with or without something that is unknown here.
      const have: Cid[] = [...picks.take(2)].flatMap((pick) => history[pick % (history.length + 2)]?.composite.cid ?? [])
      const expected = (await node.replica.commitsSince(cardOf(node), docID, have)).map(packReplicated)
      const packed = await node.replica.packedSince(cardOf(node), [{ docId: docID, heads: have }])
      expect(packed.map(bytesToHex).sort()).toEqual(expected.map(bytesToHex).sort())
      const other = await openTestNode(SCHEMA)
      const held = new Set(expected.map(bytesToHex))
      await other.replica.merge(
        cardOf(other),
        history.filter((commit) => !held.has(bytesToHex(packReplicated(commit)))),
        { peer: 'test' },
      )
      for (const bytes of packed) {
        const commit = history.find((candidate) => bytesToHex(packReplicated(candidate)) === bytesToHex(bytes))
        expect(await other.replica.merge(cardOf(other), commit === undefined ? [] : [commit], { peer: 'test' })).toMatchObject({
          merged: 1,
          missing: [],
        })
      }
    }),
    { numRuns: 40 },
  )
})

test('many documents that have changed little cost a few reads, not some for each', async () => {
  const store = watchedStore(await openMemoryStore())
  const node = await openTestNode(SCHEMA, { store })
  const names = Array.from({ length: 200 }, (_, index) => ({ name: String(index) }))
  const docIDs = await node.db.collection('Card').create(names)
  for (const docID of docIDs) await node.db.collection('Card').update(docID, { name: 'later' })
  const { reads } = store
  const packed = await node.replica.packedSince(
    cardOf(node),
    docIDs.map((docId) => ({ docId, heads: [] })),
  )
  expect(packed).toHaveLength(400)
  expect(store.reads - reads).toBeLessThan(6)
})

test('a document that is not here gives nothing', async () => {
  const node = await openTestNode(SCHEMA)
  const documents = ['nonsense', 'bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3'].map((docId) => ({ docId, heads: [] }))
  expect(await node.replica.packedSince(cardOf(node), documents)).toEqual([])
})
