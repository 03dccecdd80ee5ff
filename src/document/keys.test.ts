import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { blockCidOfDigest, cidToText, rawCid } from '../block/cid.ts'
import { isFailure } from '../errors.ts'
import { MAX_KEY_BYTES, type KeyRange } from '../storage/store.ts'
import { bytesToHex, compareBytes, hexToBytes, prefixRange } from '../util/bytes.ts'
import { docIdFromBytes } from './document-id.ts'
import { keys } from './keys.ts'

const someCollection = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.option(fc.integer({ min: 0, max: 0xfffe })))
  .map(([bytes, number]) => cidToText(rawCid(bytes)) + (number === null ? '' : `-${number}`))
const someDocId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(docIdFromBytes)
const someCid = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(blockCidOfDigest)

const COLLECTION = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
const OTHER = `${COLLECTION}-0`
const DOC_ID = 'bae-00112233-4455-6677-8899-aabbccddeeff'

function isWithin(key: Uint8Array, { from, to }: KeyRange): boolean {
  return (from === undefined || compareBytes(from, key) <= 0) && (to === undefined || compareBytes(key, to) < 0)
}

describe('keys', () => {
  it('are different for different things', () => {
    const someKey = fc.oneof(
      fc
        .tuple(someCollection, someDocId)
        .map(([collection, docId]) => [['document', collection, docId], keys.document(collection, docId)] as const),
      fc.tuple(someDocId, someCid).map(([docId, cid]) => [['commit', docId, cidToText(cid)], keys.commit(docId, cid)] as const),
      fc
        .tuple(someCollection, someDocId, someCid)
        .map(([collection, docId, cid]) => [['aside', collection, docId, cidToText(cid)], keys.leftAside(collection, docId, cid)] as const),
      fc
        .tuple(someCollection, someCid)
        .map(([collection, cid]) => [['block', collection, cidToText(cid)], keys.collectionBlock(collection, cid)] as const),
      someCollection.map((collection) => [['heads', collection], keys.collectionHeads(collection)] as const),
      fc
        .tuple(someCollection, someCollection)
        .map(([id, version]) => [['version', id, version], keys.collectionVersion(id, version)] as const),
      fc.string({ maxLength: 3 }).map((name) => [['setting', name], keys.setting(name)] as const),
      fc.constant([['meta'], keys.meta()] as const),
    )
    fc.assert(
      fc.property(someKey, someKey, ([a, left], [b, right]) => {
        expect(bytesToHex(left) === bytesToHex(right)).toBe(JSON.stringify(a) === JSON.stringify(b))
        expect(left.length).toBeLessThanOrEqual(MAX_KEY_BYTES)
      }),
      { numRuns: 500 },
    )
  })

  it('say what is stored under them, and which of it may be a secret', () => {
    const [table = ''] =
      /(?<=orders it\.\n).*?(?= \*\n \*     collection, version)/s.exec(readFileSync(new URL('keys.ts', import.meta.url), 'utf8')) ?? []
    const rows = [...table.matchAll(/^ \* {5}(.*?) {2,}([0-9a-f]{2})/gm)]
    expect(rows).toHaveLength(16)
    for (const [, kind, prefix = ''] of rows) expect([prefix, keys.kindOf(hexToBytes(prefix))]).toEqual([prefix, kind])
    expect(keys.kindOf(Uint8Array.of(0))).toBe('unknown')
    const secrets = rows.flatMap(([, kind, prefix = '']) => (keys.isSecret(hexToBytes(prefix)) ? [kind] : []))
    expect(secrets).toEqual(['setting', 'encryption key'])
  })

  it('of a document hold its ID, lie in the range of their collection alone, and sort by ID', () => {
    fc.assert(
      fc.property(someCollection, someCollection, someDocId, someDocId, (collection, other, a, b) => {
        const key = keys.document(collection, a)
        expect(keys.docIdOf(key)).toBe(a)
        expect(isWithin(key, keys.documentsOf(collection))).toBe(true)
        expect(isWithin(key, keys.documentsOf(other))).toBe(collection === other)
        const byText = a < b ? -1 : Number(a > b)
        expect(Math.sign(compareBytes(key, keys.document(collection, b)))).toBe(byText)
        expect(isWithin(keys.commit(a, rawOf(a)), keys.documentsOf(collection))).toBe(false)
      }),
    )
  })

  it('of a commit hold its CID and lie beside those of the same document', () => {
    fc.assert(
      fc.property(someDocId, someDocId, someCid, (a, b, cid) => {
        const key = keys.commit(a, cid)
        expect(keys.cidOf(key)).toEqual(cid)
        expect(isWithin(key, keys.commitsOf(a))).toBe(true)
        expect(isWithin(key, keys.commitsOf(b))).toBe(a === b)
      }),
    )
  })

  it('of what a commit left aside hold its document and CID, and lie in the ranges of both collection and document', () => {
    fc.assert(
      fc.property(someCollection, someCollection, someDocId, someDocId, someCid, (collection, other, a, b, cid) => {
        const key = keys.leftAside(collection, a, cid)
        expect([keys.docIdOf(key), keys.cidOf(key)]).toEqual([a, cid])
        expect(isWithin(key, keys.leftAsideOf(collection))).toBe(true)
        expect(isWithin(key, keys.leftAsideOf(other))).toBe(collection === other)
        expect(isWithin(key, keys.leftAsideOf(collection, a))).toBe(true)
        expect(isWithin(key, keys.leftAsideOf(collection, b))).toBe(a === b)
      }),
    )
  })

  it('of what belongs to a collection tell members of a circular set apart', () => {
    const cid = blockCidOfDigest(new Uint8Array(32).fill(7))
    expect(keys.cidOf(keys.collectionBlock(OTHER, cid))).toEqual(cid)
    expect(isWithin(keys.collectionBlock(OTHER, cid), keys.collectionBlocksOf(OTHER))).toBe(true)
    expect(isWithin(keys.collectionBlock(OTHER, cid), keys.collectionBlocksOf(COLLECTION))).toBe(false)
    expect(isWithin(keys.collectionVersion(OTHER, COLLECTION), keys.allCollections())).toBe(true)
    expect(isWithin(keys.collectionHeads(OTHER), keys.allCollections())).toBe(false)
  })

  it('of an index lie in its ranges alone, and hold what they were made of', () => {
    const someId = fc.integer({ min: 1, max: 0xffff })
    fc.assert(
      fc.property(someCollection, someId, someId, someDocId, fc.uint8Array({ maxLength: 20 }), (collection, id, other, docId, parts) => {
        const entry = keys.indexEntry(collection, id, parts, docId)
        const overflow = keys.indexOverflow(collection, id, docId)
        expect([keys.indexedDocId(entry), keys.indexedDocId(overflow)]).toEqual([docId, docId])
        expect(keys.indexPartsOf(entry)).toEqual(parts)
        expect(keys.builtIndexId(keys.builtIndex(collection, id))).toBe(id)
        expect(keys.overflowingIndex(entry)).toBeUndefined()
        const isOwn = id === other
        expect(isWithin(entry, prefixRange(keys.indexEntries(collection, other)))).toBe(isOwn)
        expect(isWithin(overflow, keys.indexOverflowsOf(collection, other))).toBe(isOwn)
        expect(isWithin(keys.indexClaim(entry), keys.indexClaimsOf(collection, other))).toBe(isOwn)
        expect(isWithin(keys.builtIndex(collection, other), keys.builtIndexesOf(collection))).toBe(true)
        expect(isWithin(overflow, keys.allIndexOverflows())).toBe(true)
      }),
    )
  })

  it('go on right behind a key', () => {
    const key = keys.document(COLLECTION, DOC_ID)
    expect(isWithin(key, { from: keys.after(key) })).toBe(false)
    expect(isWithin(Uint8Array.of(...key, 0), { from: keys.after(key) })).toBe(true)
  })

  it('stay the same over releases', () => {
    const cid = blockCidOfDigest(new Uint8Array(32).fill(0xab))
    const hash = 'e3b0c44298fc1c149afbf4c8996fb924'
    const hex = [
      keys.meta(),
      keys.setting('peer'),
      keys.collectionVersion(COLLECTION, `${COLLECTION}-258`),
      keys.collectionHeads(COLLECTION),
      keys.collectionBlock(OTHER, cid),
      keys.document(COLLECTION, DOC_ID),
      keys.commit(DOC_ID, cid),
      keys.leftAside(COLLECTION, DOC_ID, cid),
      keys.indexEntry(COLLECTION, 258, Uint8Array.of(7, 8), DOC_ID),
      keys.indexOverflow(COLLECTION, 258, DOC_ID),
      keys.indexClaim(keys.indexEntry(COLLECTION, 258, Uint8Array.of(7, 8), DOC_ID)),
      keys.builtIndex(COLLECTION, 258),
    ].map(bytesToHex)
    expect(hex).toEqual([
      '01',
      '0270656572',
      `03${hash}0000${hash}0103`,
      `04${hash}0000`,
      `05${hash}0001${'ab'.repeat(32)}`,
      `10${hash}000000112233445566778899aabbccddeeff`,
      `1100112233445566778899aabbccddeeff${'ab'.repeat(32)}`,
      `12${hash}000000112233445566778899aabbccddeeff${'ab'.repeat(32)}`,
      `20${hash}00000102070800112233445566778899aabbccddeeff`,
      `21${hash}0000010200112233445566778899aabbccddeeff`,
      `22${hash}000001020708`,
      `23${hash}00000102`,
    ])
  })

  it.each([
    ['a collection ID that is no CID', () => keys.documentsOf('Boat')],
    ['a set number that is no number', () => keys.documentsOf(`${COLLECTION}-x`)],
    ['a set number without digits', () => keys.documentsOf(`${COLLECTION}-`)],
    ['a set number beyond any set', () => keys.documentsOf(`${COLLECTION}-65535`)],
    ['a document ID that is none', () => keys.document(COLLECTION, 'bae-1')],
    ['a document ID of a commit that is none', () => keys.commitsOf('x')],
  ])('refuse %s with INVALID_ARGUMENT', (_, make) => {
    expect(make).toThrow(expect.toSatisfy((error) => isFailure(error, 'INVALID_ARGUMENT')))
  })

  it('are not read as what they are not', () => {
    const isCorrupt = expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA'))
    const cid = blockCidOfDigest(new Uint8Array(32))
    expect(() => keys.docIdOf(keys.commit(DOC_ID, cid))).toThrow(isCorrupt)
    expect(() => keys.docIdOf(keys.document(COLLECTION, DOC_ID).subarray(1))).toThrow(isCorrupt)
    expect(() => keys.cidOf(keys.document(COLLECTION, DOC_ID))).toThrow(isCorrupt)
    expect(() => keys.cidOf(new Uint8Array())).toThrow(isCorrupt)
    expect(() => keys.indexedDocId(keys.document(COLLECTION, DOC_ID))).toThrow(isCorrupt)
    expect(() => keys.indexPartsOf(keys.indexOverflow(COLLECTION, 1, DOC_ID))).toThrow(isCorrupt)
    expect(() => keys.builtIndexId(keys.indexOverflow(COLLECTION, 1, DOC_ID))).toThrow(isCorrupt)
    expect(keys.isDocumentId(DOC_ID)).toBe(true)
    expect(keys.isDocumentId('bae-1')).toBe(false)
  })
})

function rawOf(docId: string): ReturnType<typeof rawCid> {
  return rawCid(new TextEncoder().encode(docId))
}
