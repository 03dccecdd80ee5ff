import fc from 'fast-check'
import { expect, test } from 'vitest'

import { CborWriter } from '../block/cbor-writer.ts'
import { isFailure } from '../errors.ts'
import { DOCUMENTS_PER_PAGE, MAX_DOC_ID_BYTES, MAX_HEADS_PER_DOCUMENT, MAX_TOKEN_BYTES, MAX_UNKNOWN_DEPTH } from './limits.ts'
import { decodeReferenceMessage, encodeReferenceMessage, type ReferenceMessages } from './reference-messages.ts'

type Name = keyof ReferenceMessages

const someBytes = fc.uint8Array({ maxLength: 40 })
const someText = fc.string({ unit: 'grapheme', maxLength: 5 }).filter((value) => new TextEncoder().encode(value).length <= MAX_DOC_ID_BYTES)
const someList = fc.array(someBytes, { maxLength: 4 })

const MESSAGES: { readonly [N in Name]: fc.Arbitrary<ReferenceMessages[N]> } = {
  pushLogRequest: fc.record({ docId: someText, cid: someBytes, collectionId: someText, creator: someText, block: someBytes }),
  pushLogReply: fc.constant({}),
  getIdentityRequest: fc.record({ peerId: someText }),
  getIdentityReply: fc.record({ identityToken: fc.option(someBytes) }),
  docSyncRequest: fc.record({ docIds: fc.array(someText, { maxLength: 4 }) }),
  docSyncReply: fc.record({
    results: fc.option(fc.array(fc.record({ docId: someText, heads: someList }), { maxLength: 4 })),
    sender: someText,
  }),
  keyRequest: fc.record({ identity: someBytes, links: someList, ephemeralPublicKey: someBytes }),
  keyReply: fc.record({ links: fc.option(someList), blocks: fc.option(someList), ephemeralPublicKey: fc.option(someBytes) }),
}

const names = Object.keys(MESSAGES) as Name[]
const someMessage = fc.constantFrom(...names).chain((name) => MESSAGES[name].map((message) => ({ name, message })))

type Item = (writer: CborWriter) => CborWriter

/** A map as a peer may write it, in the order that is given. */
function aMap(...members: readonly (readonly [name: string, value: Item])[]): Uint8Array {
  const writer = new CborWriter().map(members.length)
  for (const [name, value] of members) value(writer.text(name))
  return writer.finish()
}

const aText =
  (value: string): Item =>
  (writer) =>
    writer.text(value)
const someByte: Item = (writer) => writer.bytes(Uint8Array.of(7))
const nothing: Item = (writer) => writer.null()

/** What a decoder says of these bytes. */
function refusal(name: Name, bytes: Uint8Array): string {
  try {
    decodeReferenceMessage(name, bytes)
  } catch (error) {
    if (isFailure(error, 'INVALID_MESSAGE')) return error.message
    throw error
  }
  return 'accepted'
}

const push = {
  DocID: aText('bae-1'),
  CID: someByte,
  CollectionID: aText('bafk'),
  Creator: aText('12D3'),
  Block: someByte,
} satisfies Record<string, Item>
const pushed = { docId: 'bae-1', cid: Uint8Array.of(7), collectionId: 'bafk', creator: '12D3', block: Uint8Array.of(7) }

test('every message is read as it was written', () => {
  fc.assert(
    fc.property(someMessage, ({ name, message }) => {
      expect(decodeReferenceMessage(name, encodeReferenceMessage(name, message))).toEqual(message)
    }),
  )
})

test('members are read in any order, and in any case', () => {
  const someSpelling = fc.tuple(fc.shuffledSubarray(Object.entries(push), { minLength: 5 }), fc.infiniteStream(fc.boolean()))
  fc.assert(
    fc.property(someSpelling, ([members, isUpper]) => {
      const spelled = members.map(([name, value]) => {
        const letters = Array.from(name, (letter) => (isUpper.next().value === true ? letter.toUpperCase() : letter.toLowerCase()))
        return [letters.join(''), value] as const
      })
      expect(decodeReferenceMessage('pushLogRequest', aMap(...spelled))).toEqual(pushed)
    }),
  )
})

test('null stands for whatever is empty', () => {
  const bytes = aMap(...Object.keys(push).map((name) => [name, nothing] as const))
  const empty = new Uint8Array()
  expect(decodeReferenceMessage('pushLogRequest', bytes)).toEqual({ docId: '', cid: empty, collectionId: '', creator: '', block: empty })
  expect(decodeReferenceMessage('docSyncRequest', aMap(['docIDs', nothing]))).toEqual({ docIds: [] })
  const results = aMap(
    ['sender', nothing],
    ['results', (writer) => writer.array(1).map(2).text('heads').null().text('docID').text('bae-1')],
  )
  expect(decodeReferenceMessage('docSyncReply', results)).toEqual({ results: [{ docId: 'bae-1', heads: [] }], sender: '' })
})

test('unknown members are passed over, up to a depth', () => {
  const deep = (depth: number): Item => {
    return (writer) => {
      for (let level = 1; level < depth; level++) writer.array(1)
      return writer.int(1)
    }
  }
  const more: Item = (writer) => writer.map(2).text('a').boolean(true).int(-70_000).array(2).bytes(new Uint8Array(3)).null()
  const read = decodeReferenceMessage('pushLogRequest', aMap(['More', more], ...Object.entries(push), ['Deep', deep(MAX_UNKNOWN_DEPTH)]))
  expect(read).toEqual(pushed)
  expect(refusal('pushLogReply', aMap(['Deep', deep(MAX_UNKNOWN_DEPTH + 1)]))).toContain('not so deep')
  expect(refusal('pushLogReply', aMap(['Half', (writer) => writer.float(0.5)]))).toContain('a boolean')
})

test('a member that is missing or comes twice is named', () => {
  const { CID: _, ...rest } = push
  expect(refusal('pushLogRequest', aMap(...Object.entries(rest)))).toContain('the member "CID"')
  expect(refusal('pushLogRequest', aMap(...Object.entries(push), ['docid', aText('bae-2')]))).toContain('"DocID" once')
  expect(refusal('pushLogRequest', aMap(...Object.entries({ ...push, CID: aText('bafy') })))).toContain('a byte string')
})

test('a message cut short anywhere is refused, and so is one with more behind it', () => {
  fc.assert(
    fc.property(someMessage, fc.nat(), ({ name, message }, at) => {
      const whole = encodeReferenceMessage(name, message)
      expect(refusal(name, whole.subarray(0, at % whole.length))).toContain('corrupt')
      expect(refusal(name, Uint8Array.of(...whole, 0))).toContain('the end')
    }),
  )
})

test('random and changed bytes are read or refused, never more', () => {
  const someChange = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(someMessage, fc.array(someChange, { minLength: 1, maxLength: 3 }), someBytes, ({ name, message }, changes, garbage) => {
      const bytes = Uint8Array.from(encodeReferenceMessage(name, message))
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      expect(typeof refusal(name, bytes)).toBe('string')
      expect(typeof refusal(name, garbage)).toBe('string')
    }),
    { numRuns: 2000 },
  )
})

test('every bound holds for writing and for reading', () => {
  const tooLong = 'ä'.repeat(MAX_DOC_ID_BYTES / 2 + 1)
  const limit = `up to ${MAX_DOC_ID_BYTES} are allowed`
  expect(() => encodeReferenceMessage('docSyncRequest', { docIds: [tooLong] })).toThrow(limit)
  expect(refusal('docSyncRequest', aMap(['docIDs', (writer) => writer.array(1).text(tooLong)]))).toContain(limit)
  const token = new Uint8Array(MAX_TOKEN_BYTES + 1)
  expect(() => encodeReferenceMessage('getIdentityReply', { identityToken: token })).toThrow(`up to ${MAX_TOKEN_BYTES}`)
  expect(refusal('getIdentityReply', aMap(['IdentityToken', (writer) => writer.bytes(token)]))).toContain(`up to ${MAX_TOKEN_BYTES}`)
  const heads = Array.from({ length: MAX_HEADS_PER_DOCUMENT + 1 }, () => Uint8Array.of(1))
  expect(() => encodeReferenceMessage('docSyncReply', { results: [{ docId: '', heads }], sender: '' })).toThrow('the length of a list')
  const crowd: Item = (writer) => {
    writer.array(DOCUMENTS_PER_PAGE + 1)
    for (let index = 0; index <= DOCUMENTS_PER_PAGE; index++) writer.null()
    return writer
  }
  expect(refusal('docSyncRequest', aMap(['docIDs', crowd]))).toContain(`up to ${DOCUMENTS_PER_PAGE}`)
})
