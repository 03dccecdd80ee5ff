import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cidKey } from '../block/cid.ts'
import type { DocumentHeads } from '../database/replica.ts'
import { createHeadsExchange } from './heads-exchange.ts'
import { DOCUMENTS_PER_PAGE } from './limits.ts'
import { HEADS_ANSWER, HEADS_QUESTION } from './messages.ts'
import { createMemoryReplica, newDocId, type MemoryReplica } from './replica.testkit.ts'
import { decodeWith, encodeWith } from './wire.ts'

const SMALL = { fields: 1, valueBytes: 8 }

function aReplica(): { readonly replica: MemoryReplica; readonly note: string } {
  const replica = createMemoryReplica(SMALL)
  return { replica, note: replica.addCollection('Note') }
}

async function copyAll(from: MemoryReplica, to: MemoryReplica, note: string, docIds: readonly string[]): Promise<void> {
  for (const docId of docIds) await to.merge(note, await from.commitsSince(note, docId, []), {})
}

async function lackingAt(
  at: MemoryReplica,
  from: MemoryReplica,
  note: string,
): Promise<{ readonly documents: readonly DocumentHeads[]; readonly questions: number }> {
  const asker = createHeadsExchange(at)
  const answerer = createHeadsExchange(from)
  let questions = 0
  const documents: DocumentHeads[] = []
  for await (const page of asker.lacking(note, (question) => {
    questions += 1
    return answerer.answer(note, question)
  })) {
    documents.push(...page)
  }
  return { documents, questions }
}

function names(documents: readonly DocumentHeads[]): readonly string[] {
  return documents.map(({ docId, heads }) => `${docId} ${heads.map(cidKey).sort().join()}`).sort()
}

test('exactly the heads that are not here are found, whatever the two sides hold', async () => {
  const places = fc.record({ here: fc.nat(2), there: fc.nat(2) })
  await fc.assert(
    fc.asyncProperty(fc.array(places, { maxLength: 30 }), async (documents) => {
      const { replica: here, note } = aReplica()
      const { replica: there } = aReplica()
      const expected: DocumentHeads[] = []
      for (const { here: ownWrites, there: otherWrites } of documents) {
        const docId = newDocId()
        here.write(note, docId)
        await copyAll(here, there, note, [docId])
        for (let index = 0; index < ownWrites; index++) here.write(note, docId)
        for (let index = 0; index < otherWrites; index++) there.write(note, docId)
        if (otherWrites > 0) expected.push(...(await there.headsOf(note, [docId])))
      }
      expect(names((await lackingAt(here, there, note)).documents)).toEqual(names(expected))
    }),
    { numRuns: 50 },
  )
})

test('equal contents have equal roots, however they came about, and different ones do not', async () => {
  const { replica: here, note } = aReplica()
  const { replica: there } = aReplica()
  const [a, b] = [createHeadsExchange(here), createHeadsExchange(there)]
  const isEqual = async (): Promise<boolean> => String(await a.root(note)) === String(await b.root(note))
  expect(await isEqual()).toBe(true)
  const docIds = here.writeMany(note, 50)
  expect(await isEqual()).toBe(false)
  await copyAll(here, there, note, docIds.toReversed())
  expect(await isEqual()).toBe(true)
  const [first] = docIds
  here.write(note, first)
  expect(await isEqual()).toBe(false)
  await copyAll(here, there, note, docIds)
  expect(await isEqual()).toBe(true)
  // Two heads on both sides, made in another order.
  there.write(note, first)
  here.write(note, first)
  await copyAll(here, there, note, docIds)
  await copyAll(there, here, note, docIds)
  expect(await isEqual()).toBe(true)
})

test('a large collection comes in pages, and equal ones in one empty page', async () => {
  const { replica: here, note } = aReplica()
  const { replica: there } = aReplica()
  const count = DOCUMENTS_PER_PAGE * 2 + 10
  const docIds = there.writeMany(note, count)
  const all = await lackingAt(here, there, note)
  expect(all.documents).toHaveLength(count)
  expect(all.questions).toBe(3)
  await copyAll(there, here, note, docIds)
  expect(await lackingAt(here, there, note)).toEqual({ documents: [], questions: 1 })
})

test('a difference in few documents asks for few heads', async () => {
  const { replica: here, note } = aReplica()
  const { replica: there } = aReplica()
  const docIds = there.writeMany(note, 2000)
  await copyAll(there, here, note, docIds)
  there.write(note, docIds[7])
  const answerer = createHeadsExchange(there)
  let told = 0
  for await (const page of createHeadsExchange(here).lacking(note, async (question) => {
    const answer = await answerer.answer(note, question)
    told += decodeWith(HEADS_ANSWER, answer).documents.length
    return answer
  })) {
    expect(page).toHaveLength(1)
  }
  expect(told).toBeLessThan(2000 / 64)
})

test('only what has changed is read again', async () => {
  const { replica, note } = aReplica()
  const docIds = replica.writeMany(note, 5000)
  let listings = 0
  const counting = createHeadsExchange({
    ...replica,
    documentHeads: (collectionId, options) => {
      listings += 1
      return replica.documentHeads(collectionId, options)
    },
  })
  await counting.root(note)
  expect(listings).toBeGreaterThan(4)
  listings = 0
  await counting.root(note)
  expect(listings).toBe(0)
  replica.write(note, docIds[0])
  await counting.root(note)
  expect(listings).toBe(1)
})

test('nonsense is refused in questions and in answers', async () => {
  const { replica, note } = aReplica()
  const exchange = createHeadsExchange(replica)
  const buckets = new Uint8Array(256 * 16)
  for (const question of [
    Uint8Array.of(1),
    encodeWith(HEADS_QUESTION, { buckets: new Uint8Array(3), after: '' }),
    encodeWith(HEADS_QUESTION, { buckets, after: 'x' }),
  ]) {
    await expect(exchange.answer(note, question)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
  }
  const [low, high] = [newDocId(), newDocId()].sort()
  for (const answer of [
    Uint8Array.of(1),
    encodeWith(HEADS_ANSWER, { documents: [{ docId: 'x', cids: [] }], next: '' }),
    encodeWith(HEADS_ANSWER, { documents: [high ?? '', low ?? ''].map((docId) => ({ docId, cids: [] })), next: '' }),
    encodeWith(HEADS_ANSWER, { documents: [{ docId: low ?? '', cids: [new Uint8Array(36)] }], next: '' }),
    encodeWith(HEADS_ANSWER, { documents: [{ docId: low ?? '', cids: [] }], next: high ?? '' }),
    encodeWith(HEADS_ANSWER, { documents: [], next: high ?? '' }),
  ]) {
    await expect(Array.fromAsync(exchange.lacking(note, async () => answer))).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
  }
})
