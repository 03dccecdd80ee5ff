import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cidKey } from '../block/cid.ts'
import type { DocumentHeads } from '../database/replica.ts'
import { docIdFromBytes } from '../document/document-id.ts'
import { bytesToHex, hexToBytes } from '../util/bytes.ts'
import { createTreeExchange } from './tree-exchange.ts'
import { DOCUMENTS_PER_PAGE } from './limits.ts'
import { TREE_ANSWER, TREE_QUESTION, type TreeAnswer } from './messages.ts'
import type { Seen } from './reconcile.ts'
import { createMemoryReplica, newDocId, type MemoryReplica } from './replica.testkit.ts'
import { createSeen } from './seen.ts'
import { decodeWith, encodeWith } from './wire.ts'

const SMALL = { fields: 1, valueBytes: 8 }

function aReplica(): { readonly replica: MemoryReplica; readonly note: string } {
  const replica = createMemoryReplica(SMALL)
  return { replica, note: replica.addCollection('Note') }
}

async function copyAll(from: MemoryReplica, to: MemoryReplica, note: string, docIds: readonly string[]): Promise<void> {
  for (const docId of docIds) await to.merge(note, await from.commitsSince(note, docId, []), {})
}

interface Comparison {
  readonly documents: readonly DocumentHeads[]
  readonly questions: number
  readonly bytes: number
}

async function lackingAt(at: MemoryReplica, from: MemoryReplica, note: string, seen: Seen = createSeen()): Promise<Comparison> {
  const asker = createTreeExchange(at)
  const answerer = createTreeExchange(from)
  let questions = 0
  let bytes = 0
  const documents: DocumentHeads[] = []
  const ask = async (question: Uint8Array): Promise<Uint8Array> => {
    const answer = await answerer.answer(note, question)
    questions += 1
    bytes += question.length + answer.length
    return answer
  }
  for await (const page of asker.lacking(note, ask, seen)) documents.push(...page)
  return { documents, questions, bytes }
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
  const [a, b] = [createTreeExchange(here), createTreeExchange(there)]
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

test('a large collection comes in pages, and of equal ones only the first branch', async () => {
  const { replica: here, note } = aReplica()
  const { replica: there } = aReplica()
  const count = DOCUMENTS_PER_PAGE * 2 + 10
  const docIds = there.writeMany(note, count)
  const all = await lackingAt(here, there, note)
  expect(all.documents).toHaveLength(count)
  expect(all.questions).toBe(4)
  await copyAll(there, here, note, docIds)
  expect(await lackingAt(here, there, note)).toMatchObject({ documents: [], questions: 1 })
})

test('10 differences among 10,000 documents take three questions and 12 kB', async () => {
  const { replica: here, note } = aReplica()
  const { replica: there } = aReplica()
  const docIds = there.writeMany(note, 10_000)
  await copyAll(there, here, note, docIds)
  for (const docId of docIds.slice(0, 10)) there.write(note, docId)
  const { documents, questions, bytes } = await lackingAt(here, there, note)
  expect(documents).toHaveLength(10)
  expect(questions).toBe(3)
  expect(bytes).toBeLessThan(12_000)
})

test('parts with many documents are compared branch by branch', async () => {
  const { replica: here, note } = aReplica()
  const { replica: there } = aReplica()
  const crowded = Array.from({ length: 400 }, (_, index) => docIdUnder(`abc${(index % 16).toString(16)}`))
  for (const docId of crowded) there.write(note, docId)
  expect((await lackingAt(here, there, note)).documents).toHaveLength(400)
  await copyAll(there, here, note, crowded)
  const [one] = crowded
  there.write(note, one)
  const found = await lackingAt(here, there, note)
  expect(found.documents).toHaveLength(1)
  expect(found).toMatchObject({ questions: 4 })
  // Where nothing of it is here, at any depth.
  there.write(note, docIdUnder('abcd'))
  expect((await lackingAt(here, there, note)).documents).toHaveLength(2)
})

test('what was seen of a peer is not looked at again, although there are documents of its own here', async () => {
  const { replica: here, note } = aReplica()
  const { replica: there } = aReplica()
  here.writeMany(note, 3000)
  const theirs = there.writeMany(note, 3000)
  const seen = createSeen()
  const first = await lackingAt(here, there, note, seen)
  expect(first.documents).toHaveLength(3000)
  await copyAll(there, here, note, theirs)
  seen.dismiss()
  expect((await lackingAt(here, there, note, seen)).bytes).toBeGreaterThan(100_000)
  seen.settle()
  expect(await lackingAt(here, there, note, seen)).toMatchObject({ documents: [], questions: 1 })
  there.write(note, theirs[0])
  const again = await lackingAt(here, there, note, seen)
  expect(again.documents).toHaveLength(1)
  expect(again.bytes).toBeLessThan(6000)
})

test('named documents are told in pages, and only those that are there', async () => {
  const { replica, note } = aReplica()
  const docIds = replica.writeMany(note, DOCUMENTS_PER_PAGE + 100)
  const answerer = createTreeExchange(replica)
  const ask = (question: Uint8Array): Promise<Uint8Array> => answerer.answer(note, question)
  const asked = [...docIds, newDocId()]
  const found = await createTreeExchange(aReplica().replica).named(ask, asked)
  expect(found.map(({ docId }) => docId)).toEqual(docIds.toSorted())
})

test('nonsense is refused in questions and in answers', async () => {
  const { replica, note } = aReplica()
  replica.writeMany(note, 300)
  const exchange = createTreeExchange(replica)
  const question = { branches: [], listing: [], after: '', named: [] }
  for (const bytes of [
    Uint8Array.of(1),
    encodeWith(TREE_QUESTION, question),
    encodeWith(TREE_QUESTION, { ...question, branches: [''], listing: ['aa'] }),
    encodeWith(TREE_QUESTION, { ...question, branches: ['a'] }),
    encodeWith(TREE_QUESTION, { ...question, branches: ['xy'] }),
    encodeWith(TREE_QUESTION, { ...question, branches: ['ab', 'aa'] }),
    encodeWith(TREE_QUESTION, { ...question, branches: ['', 'aa'] }),
    encodeWith(TREE_QUESTION, { ...question, listing: ['aa', 'aab'] }),
    encodeWith(TREE_QUESTION, { ...question, listing: ['aa'], after: 'x' }),
    encodeWith(TREE_QUESTION, { ...question, named: ['x'] }),
  ]) {
    await expect(exchange.answer(note, bytes)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
  }
  const prints = new Uint8Array(4096).fill(7)
  const low = docIdUnder('000')
  const high = docIdUnder('fff')
  const top = { branches: [{ prints, documents: [] }], documents: [], next: '' }
  const answers: readonly TreeAnswer[] = [
    { branches: [], documents: [], next: '' },
    { ...top, branches: [{ prints: new Uint8Array(3), documents: [] }] },
    { branches: [{ prints: new Uint8Array(0), documents: [{ docId: 'x', cids: [] }] }], documents: [], next: '' },
    { branches: [{ prints: new Uint8Array(0), documents: [high, low].map((docId) => ({ docId, cids: [] })) }], documents: [], next: '' },
    { branches: [{ prints: new Uint8Array(0), documents: [{ docId: low, cids: [new Uint8Array(36)] }] }], documents: [], next: '' },
    { branches: [{ prints: new Uint8Array(0), documents: [{ docId: low, cids: [] }] }], documents: [], next: high },
  ]
  for (const answer of answers) {
    const ask = async (bytes: Uint8Array): Promise<Uint8Array> =>
      encodeWith(TREE_ANSWER, decodeWith(TREE_QUESTION, bytes).branches[0] === '' && answer !== answers[1] ? top : answer)
    await expect(Array.fromAsync(exchange.lacking(note, ask, createSeen()))).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
  }
  await expect(Array.fromAsync(exchange.lacking(note, async () => Uint8Array.of(1), createSeen()))).rejects.toMatchObject({
    code: 'INVALID_MESSAGE',
  })
})

test('a peer whose tree has no end is refused', async () => {
  const { replica, note } = aReplica()
  replica.writeMany(note, 5000)
  const exchange = createTreeExchange(replica)
  let questions = 0
  const ask = async (bytes: Uint8Array): Promise<Uint8Array> => {
    questions += 1
    const { branches } = decodeWith(TREE_QUESTION, bytes)
    const size = branches[0] === '' ? 4096 : 256
    const answered = branches.map(() => ({ prints: crypto.getRandomValues(new Uint8Array(size)), documents: [] }))
    return encodeWith(TREE_ANSWER, { branches: answered, documents: [], next: '' })
  }
  await expect(Array.fromAsync(exchange.lacking(note, ask, createSeen()))).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
  expect(questions).toBeLessThan(2000)
})

/** A document ID that begins with these hex digits, and that nobody has. */
function docIdUnder(prefix: string): string {
  return docIdFromBytes(hexToBytes(prefix + bytesToHex(crypto.getRandomValues(new Uint8Array(16))).slice(prefix.length)))
}
