import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import type { Block, Delta } from './block.ts'
import { blockCid, blockCidOfDigest, cidToText, compareCids, type Cid } from './cid.ts'
import { openBlock, sealBlock } from './codec.ts'

const someCid: fc.Arbitrary<Cid> = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(blockCidOfDigest)
const someText = fc.string({ unit: 'binary', maxLength: 70 }).map((text) => text.toWellFormed())
const somePriority = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
const someDelta: fc.Arbitrary<Delta> = fc.oneof(
  fc.record({
    kind: fc.constant('lww' as const),
    data: fc.uint8Array({ maxLength: 300 }),
    docId: someText,
    priority: somePriority,
    fieldName: someText,
    schemaVersionId: someText,
  }),
  fc.record({
    kind: fc.constant('counter' as const),
    data: fc.uint8Array(),
    docId: someText,
    priority: somePriority,
    fieldName: someText,
    schemaVersionId: someText,
    nonce: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  }),
  fc.record({
    kind: fc.constant('composite' as const),
    docId: someText,
    status: fc.constantFrom(1 as const, 2 as const),
    priority: somePriority,
    schemaVersionId: someText,
  }),
  fc.record({ kind: fc.constant('collection' as const), priority: somePriority, schemaVersionId: someText }),
)
const someBlock: fc.Arbitrary<Block> = fc.record(
  {
    delta: someDelta,
    heads: fc.uniqueArray(someCid, { maxLength: 4, selector: cidToText }),
    links: fc.uniqueArray(fc.record({ name: someText, cid: someCid }), { maxLength: 4, selector: ({ cid }) => cidToText(cid) }),
    signature: someCid,
    encryption: someCid,
  },
  { requiredKeys: ['delta', 'heads', 'links'] },
)

/** The block as a generic encoder takes it: spelled out, keys in any order. */
function plain({ delta, heads, links, signature, encryption }: Block): object {
  const { kind, ...rest } = delta
  const members = Object.entries(rest).map(([name, value]): [string, unknown] => {
    if (name === 'docId') return ['docID', new TextEncoder().encode(String(value))]
    return [name === 'schemaVersionId' ? 'schemaVersionID' : name, value]
  })
  return {
    ...(encryption === undefined ? {} : { encryption: CID.decode(encryption) }),
    ...(signature === undefined ? {} : { signature: CID.decode(signature) }),
    ...(links.length === 0 ? {} : { links: links.map(({ name, cid }) => ({ name, link: CID.decode(cid) })) }),
    ...(heads.length === 0 ? {} : { heads: heads.map((head) => CID.decode(head)) }),
    delta: { [kind]: Object.fromEntries(members) },
  }
}

function aBlock(change: Partial<Block> = {}): Block {
  const delta = { kind: 'composite', docId: 'bae-1', status: 1, priority: 1, schemaVersionId: 'v' } as const
  return { delta, heads: [], links: [], ...change }
}

const isCorrupt = expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA'))

describe('a sealed block', () => {
  it('has the bytes of a generic dag-cbor encoder, and their CID', () => {
    fc.assert(
      fc.property(someBlock, (block) => {
        const sealed = sealBlock(block)
        expect(sealed.bytes).toEqual(Uint8Array.from(dagCbor.encode(plain(sealed.block))))
        expect(sealed.cid).toEqual(blockCid(sealed.bytes))
      }),
    )
  })

  it('opens to the same block', () => {
    fc.assert(
      fc.property(someBlock, (block) => {
        const sealed = sealBlock(block)
        expect(openBlock(sealed.bytes)).toEqual(sealed)
      }),
    )
  })

  it('has its heads and links in the order of their texts, whatever order they came in', () => {
    fc.assert(
      fc.property(someBlock, (block) => {
        const { heads, links } = sealBlock(block).block
        expect(heads).toEqual(block.heads.toSorted(compareCids))
        expect(links.map(({ cid }) => cidToText(cid))).toEqual(links.map(({ cid }) => cidToText(cid)).toSorted())
        expect(sealBlock({ ...block, heads: block.heads.toReversed(), links: block.links.toReversed() }).block.heads).toEqual(heads)
      }),
    )
  })
})

describe('opening a block', () => {
  it('accepts changed bytes only when they are the one spelling of another block', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(someBlock, fc.array(change, { minLength: 1, maxLength: 3 }), (block, changes) => {
        const bytes = sealBlock(block).bytes.slice()
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        try {
          expect(sealBlock(openBlock(bytes).block).bytes).toEqual(bytes)
        } catch (error) {
          if (!isFailure(error, 'CORRUPT_DATA')) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses a block that is cut short anywhere, or has more behind it', () => {
    const { bytes } = sealBlock(aBlock({ heads: [blockCid(Uint8Array.of(1))] }))
    for (let length = 0; length < bytes.length; length++) expect(() => openBlock(bytes.subarray(0, length))).toThrow(isCorrupt)
    expect(() => openBlock(Uint8Array.of(...bytes, 0))).toThrow(isCorrupt)
  })

  const [first, second] = [1, 2].map((byte) => blockCid(Uint8Array.of(byte))).toSorted(compareCids) as [Cid, Cid]
  const composite = { docID: new TextEncoder().encode('bae-1'), status: 1, priority: 1, schemaVersionID: 'v' }
  const lww = { data: Uint8Array.of(1), docID: Uint8Array.of(0x61), priority: 1, fieldName: 'f', schemaVersionID: 'v' }

  it.each<[string, unknown]>([
    ['heads out of order', { delta: { composite }, heads: [CID.decode(second), CID.decode(first)] }],
    ['a head twice', { delta: { composite }, heads: [CID.decode(first), CID.decode(first)] }],
    ['an empty list of heads', { delta: { composite }, heads: [] }],
    ['an empty list of links', { delta: { composite }, links: [] }],
    ['links out of order', { delta: { composite }, links: [second, first].map((cid) => ({ name: 'n', link: CID.decode(cid) })) }],
    ['a link without a name', { delta: { composite }, links: [{ link: CID.decode(first) }] }],
    ['a head that is no link', { delta: { composite }, heads: [first] }],
    ['no delta', { heads: [CID.decode(first)] }],
    ['two deltas', { delta: { composite, lww } }],
    ['a delta of another kind', { delta: { set: composite } }],
    ['an unknown member', { delta: { composite }, more: 1 }],
    ['an unknown member of the delta', { delta: { composite: { ...composite, more: 1 } } }],
    ['a delta without a member', { delta: { composite: { docID: Uint8Array.of(0x61), status: 1, priority: 1 } } }],
    ['status 0', { delta: { composite: { ...composite, status: 0 } } }],
    ['status 3', { delta: { composite: { ...composite, status: 3 } } }],
    ['a negative priority', { delta: { composite: { ...composite, priority: -1 } } }],
    ['a priority beyond 2^53', { delta: { composite: { ...composite, priority: 2n ** 53n } } }],
    ['a negative nonce', { delta: { counter: { ...lww, nonce: -1 } } }],
    ['a nonce of 2^63', { delta: { counter: { ...lww, nonce: 2n ** 63n } } }],
    ['a document ID that is no UTF-8', { delta: { lww: { ...lww, docID: Uint8Array.of(0xff) } } }],
    ['a document ID as a text', { delta: { lww: { ...lww, docID: 'a' } } }],
    ['a list', [1]],
  ])('refuses %s', (_, shape) => {
    expect(() => openBlock(dagCbor.encode(shape))).toThrow(isCorrupt)
  })
})
