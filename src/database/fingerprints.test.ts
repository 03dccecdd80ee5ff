import { describe, expect, it } from 'vitest'

import { rawCid } from '../block/cid.ts'
import { docIdFromBytes } from '../document/document-id.ts'
import { bytesToHex, encodeText } from '../util/bytes.ts'
import { childrenOf, fingerprintsOfDocuments, idsUnder, isEmptyPrint, LEAF_DOCUMENTS, printAt } from './fingerprints.ts'
import type { DocumentHeads } from './replica.ts'

function aDocument(first: number, second = 0, head = 'head'): DocumentHeads {
  const uuid = new Uint8Array(16)
  uuid[0] = first
  uuid[1] = second >>> 8
  uuid[2] = second
  return { docId: docIdFromBytes(uuid), heads: [rawCid(encodeText(head))] }
}

function hexOf(documents: readonly DocumentHeads[]): string {
  return bytesToHex(fingerprintsOfDocuments(documents).root)
}

describe('fingerprints', () => {
  it('differ when a document is added, has another head, or one more', () => {
    const one = aDocument(1)
    const roots = [
      [],
      [one],
      [one, aDocument(2)],
      [aDocument(1, 0, 'other')],
      [{ docId: one.docId, heads: [...one.heads, rawCid(encodeText('second'))] }],
    ].map(hexOf)
    expect(new Set(roots).size).toBe(roots.length)
  })

  it('do not depend on the order of heads', () => {
    const heads = ['a', 'b', 'c'].map((text) => rawCid(encodeText(text)))
    const { docId } = aDocument(7)
    expect(hexOf([{ docId, heads }])).toBe(hexOf([{ docId, heads: heads.toReversed() }]))
  })

  it('differ in exactly the bucket and the part of a document that differs', () => {
    const documents = Array.from({ length: 256 }, (_, first) => aDocument(first))
    const before = fingerprintsOfDocuments(documents)
    const after = fingerprintsOfDocuments(documents.with(77, aDocument(77, 0, 'other')))
    const differing = (level: 'buckets' | 'parts', count: number): readonly number[] =>
      Array.from({ length: count }, (_, index) => index).filter(
        (index) => bytesToHex(printAt(before[level], index)) !== bytesToHex(printAt(after[level], index)),
      )
    expect(differing('buckets', 256)).toEqual([77])
    expect(differing('parts', 4096)).toEqual([77 * 16])
  })

  it('of nothing are empty, and a part that is too full for a leaf has branches of its own', () => {
    expect(isEmptyPrint(fingerprintsOfDocuments([]).buckets)).toBe(false)
    expect(isEmptyPrint(printAt(fingerprintsOfDocuments([]).buckets, 3))).toBe(true)
    const crowded = Array.from({ length: LEAF_DOCUMENTS + 1 }, (_, second) => aDocument(1, second))
    const part = printAt(fingerprintsOfDocuments(crowded).parts, 16)
    const smaller = printAt(fingerprintsOfDocuments(crowded.slice(1)).parts, 16)
    expect(part).not.toEqual(smaller)
    const children = childrenOf(crowded, 3)
    expect(isEmptyPrint(printAt(children, 0))).toBe(false)
    expect(isEmptyPrint(printAt(children, 1))).toBe(true)
  })

  it('name the document IDs under a prefix', () => {
    expect(idsUnder('')).toEqual({ first: 'bae-00000000-0000-0000-0000-000000000000', last: 'bae-ffffffff-ffff-ffff-ffff-ffffffffffff' })
    expect(idsUnder('0af')).toEqual({ first: 'bae-0af00000-0000-0000-0000-000000000000', last: 'bae-0affffff-ffff-ffff-ffff-ffffffffffff' })
  })
})
