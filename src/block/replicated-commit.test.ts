import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { CborWriter } from './cbor-writer.ts'
import { blockCid } from './cid.ts'
import { sealBlock } from './codec.ts'
import { packCommit, sealCommit } from './commit.ts'
import {
  COLLECTION_DAG,
  collectionCommit,
  documentOf,
  isCollectionCommit,
  isDocumentCommit,
  openReplicated,
  packReplicated,
} from './replicated-commit.ts'

const docId = 'bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3'
const composite = sealCommit({ kind: 'composite', docId, status: 2, priority: 3, schemaVersionId: 'v' }, [], [])
const collection = collectionCommit(
  sealBlock({
    delta: { kind: 'collection', priority: 1, schemaVersionId: 'v' },
    heads: [],
    links: [{ name: '', cid: composite.composite.cid }],
  }),
)

describe('what nodes exchange', () => {
  it('comes back from its bytes as what it was', () => {
    expect(openReplicated(packReplicated(collection))).toEqual(collection)
    expect(openReplicated(packReplicated(composite))).toEqual(composite)
    expect(packReplicated(composite)).toEqual(packCommit(composite))
  })

  it('is of a document or of the collection itself, whose name is no document', () => {
    expect([documentOf(composite), documentOf(collection)]).toEqual([docId, COLLECTION_DAG])
    expect([isDocumentCommit(composite), isCollectionCommit(composite)]).toEqual([true, false])
    expect([isDocumentCommit(collection), isCollectionCommit(collection)]).toEqual([false, true])
    // It has the form of one, so that it can stand where documents are named; the version digit of a hashed UUID is 5.
    expect(COLLECTION_DAG).toHaveLength(docId.length)
    expect(COLLECTION_DAG.at(18)).not.toBe('5')
  })

  it.each([
    ['nothing', new CborWriter().array(0).finish()],
    [
      'bytes that are no block',
      new CborWriter()
        .array(1)
        .bytes(blockCid(Uint8Array.of(1)))
        .finish(),
    ],
    ['more after the block', Uint8Array.of(...packReplicated(collection), 0)],
    [
      'a collection block with a field',
      new CborWriter().array(2).bytes(collection.composite.bytes).bytes(collection.composite.bytes).finish(),
    ],
  ])('is refused when it is %s', (_case, bytes) => {
    let failure: unknown
    try {
      openReplicated(bytes)
    } catch (error) {
      failure = error
    }
    expect(isFailure(failure, 'CORRUPT_DATA')).toBe(true)
  })
})
