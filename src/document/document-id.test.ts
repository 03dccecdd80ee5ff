import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { knownValueKind } from '../schema/kinds.ts'
import { compareBytes } from '../util/bytes.ts'
import { docIdFromBytes, docIdToBytes, documentId, isDocId, parseDocId } from './document-id.ts'

const COLLECTION_ID = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

function aCollection(change: Partial<CollectionVersion> = {}): CollectionVersion {
  return {
    name: 'Boat',
    collectionId: COLLECTION_ID,
    versionId: COLLECTION_ID,
    isActive: true,
    isBranchable: false,
    isMaterialized: true,
    isEmbeddedOnly: false,
    fields: [
      { name: '_docID', kind: knownValueKind('ID'), crdt: 'none' },
      { name: 'crew', kind: knownValueKind('Int'), crdt: 'lww' },
      { name: 'log', kind: knownValueKind('[Int]'), crdt: 'lww' },
      { name: 'name', kind: knownValueKind('String'), crdt: 'lww' },
      { name: 'owner', kind: { type: 'relation', collection: 'Person', list: false }, crdt: 'lww', relationName: 'boat_person' },
    ],
    schemaFields: [],
    indexes: [],
    ...change,
  }
}

function idOf(values: Readonly<Record<string, DocumentValue>>, collection = aCollection()): string {
  return documentId(collection, new Map(Object.entries(values)))
}

const someDocId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(docIdFromBytes)

describe('the ID of a document', () => {
  it('is a UUID of version 5', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (name, crew) => {
        expect(idOf({ name, crew })).toMatch(/^bae-[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }),
    )
  })

  it('follows from the values, not from their order', () => {
    expect(idOf({ name: 'Ilse', crew: 2 })).toBe(idOf({ crew: 2, name: 'Ilse' }))
    expect(idOf({ name: 'Ilse', crew: 2 })).not.toBe(idOf({ name: 'Ilse', crew: 3 }))
  })

  it('does not see nulls, nor what is no value field', () => {
    expect(idOf({ name: 'Ilse', crew: null, owner: 'x', _docID: 'y', unknown: 1 })).toBe(idOf({ name: 'Ilse' }))
  })

  it('sees of a list with nulls its length alone', () => {
    expect(idOf({ log: [1, null] })).toBe(idOf({ log: [7, 8] }))
    expect(idOf({ log: [1] })).not.toBe(idOf({ log: [] }))
  })

  it('depends on the collection, not on its version', () => {
    expect(idOf({}, aCollection({ versionId: 'other' }))).toBe(idOf({}))
    expect(idOf({}, aCollection({ collectionId: `${COLLECTION_ID}-0` }))).not.toBe(idOf({}))
  })

  it('is found again in its 16 bytes, which sort as the texts do', () => {
    fc.assert(
      fc.property(someDocId, someDocId, (a, b) => {
        expect(docIdFromBytes(docIdToBytes(a))).toBe(a)
        const byText = a < b ? -1 : Number(a > b)
        expect(Math.sign(compareBytes(docIdToBytes(a), docIdToBytes(b)))).toBe(byText)
      }),
    )
  })
})

describe('reading a document ID', () => {
  it('gives the one spelling, in lower case', () => {
    expect(parseDocId('BAE-C9FB0FA4-1195-589c-aa54-e68333fb90b3')).toBe('bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3')
    expect(isDocId('bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3')).toBe(true)
    expect(isDocId('bae-C9fb0fa4-1195-589c-aa54-e68333fb90b3')).toBe(false)
  })

  it.each([
    ['nothing', ''],
    ['no prefix', 'c9fb0fa4-1195-589c-aa54-e68333fb90b3'],
    ['another version', 'bai-c9fb0fa4-1195-589c-aa54-e68333fb90b3'],
    ['a digit less', 'bae-c9fb0fa4-1195-589c-aa54-e68333fb90b'],
    ['a digit more', 'bae-c9fb0fa4-1195-589c-aa54-e68333fb90b30'],
    ['dashes elsewhere', 'bae-c9fb0fa41-195-589c-aa54-e68333fb90b3'],
    ['a letter that is no digit', 'bae-g9fb0fa4-1195-589c-aa54-e68333fb90b3'],
  ])('refuses %s with INVALID_ARGUMENT', (_, text) => {
    expect(() => parseDocId(text)).toThrow(
      expect.toSatisfy((error) => isFailure(error, 'INVALID_ARGUMENT') && error.message.includes(`"${text}"`)),
    )
  })
})
