import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { blockCidOfDigest } from '../block/cid.ts'
import { isFailure } from '../errors.ts'
import { decodeHeads, decodeRecord, encodeHeads, encodeRecord } from './record-codec.ts'
import type { DocumentRecord, FieldRecord, Head } from './record.ts'

const someHeight = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
const someHeads: fc.Arbitrary<readonly Head[]> = fc.array(
  fc.record({ cid: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(blockCidOfDigest), height: someHeight }),
  { maxLength: 3 },
)
const someField: fc.Arbitrary<FieldRecord> = fc.record({ data: fc.uint8Array({ maxLength: 300 }), priority: someHeight, heads: someHeads })
const someName = fc.string({ unit: fc.constantFrom('a', 'b', '_', 'Z', '9'), maxLength: 4 })
const someRecord: fc.Arbitrary<DocumentRecord> = fc.record({
  status: fc.constantFrom(1 as const, 2 as const),
  schemaVersionId: fc.string({ unit: 'grapheme-ascii', maxLength: 70 }),
  heads: someHeads,
  fields: fc.dictionary(someName, someField, { maxKeys: 8 }).map((fields) => new Map(Object.entries(fields))),
})

/** A record with everything in it read. */
function plain({ status, schemaVersionId, heads, fields }: DocumentRecord): object {
  return { status, schemaVersionId, heads, fields: [...fields].map(([name, field]) => [name, plainField(field)]) }
}

function plainField(field: FieldRecord | undefined): object | undefined {
  return field && { data: field.data, priority: field.priority, heads: field.heads }
}

const isCorrupt = expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA'))

describe('a stored record', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(someRecord, (record) => {
        expect(plain(decodeRecord(encodeRecord(record)))).toEqual(plain(record))
      }),
    )
  })

  it('gives single fields without reading the others', () => {
    fc.assert(
      fc.property(someRecord, someName, (record, absent) => {
        const { fields } = decodeRecord(encodeRecord(record))
        for (const [name, field] of record.fields) {
          expect(plainField(fields.get(name))).toEqual(plainField(field))
          expect(fields.has(name)).toBe(true)
        }
        expect(fields.has(absent)).toBe(record.fields.has(absent))
        expect(fields.size).toBe(record.fields.size)
      }),
    )
  })

  it('has fields that are a map in every other respect', () => {
    fc.assert(
      fc.property(someRecord, (record) => {
        const { fields } = decodeRecord(encodeRecord(record))
        const seen: unknown[] = []
        fields.forEach((field, name, map) => seen.push([name, plainField(field), map === fields]))
        expect([...fields.keys()]).toEqual([...record.fields.keys()])
        expect([...fields.values()].map(plainField)).toEqual([...record.fields.values()].map(plainField))
        expect(seen).toEqual([...record.fields].map(([name, field]) => [name, plainField(field), true]))
        expect([...new Map(fields)].map(([name]) => name)).toEqual([...record.fields.keys()])
        for (const name of record.fields.keys()) expect(plainField(fields.get(name))).toEqual(plainField(record.fields.get(name)))
      }),
    )
  })

  it('is written again from what was read, with the same bytes', () => {
    fc.assert(
      fc.property(someRecord, (record) => {
        const bytes = encodeRecord(record)
        expect(encodeRecord(decodeRecord(bytes))).toEqual(bytes)
        const { status, schemaVersionId, heads, fields } = decodeRecord(bytes)
        expect(encodeRecord({ status, schemaVersionId, heads, fields: new Map(fields) })).toEqual(bytes)
      }),
    )
  })

  it('is corrupt when it is cut short, and says so instead of giving less', () => {
    fc.assert(
      fc.property(someRecord, fc.nat(), (record, at) => {
        const bytes = encodeRecord(record)
        expect(() => plain(decodeRecord(bytes.subarray(0, at % bytes.length)))).toThrow(isCorrupt)
      }),
    )
  })

  it('is refused with another version or status', () => {
    expect(() => decodeRecord(Uint8Array.of(2, 1))).toThrow('has version 2; this program reads 1')
    expect(() => decodeRecord(Uint8Array.of(1, 3, 0, 0, 0))).toThrow(isCorrupt)
    expect(() => decodeRecord(new Uint8Array())).toThrow(isCorrupt)
  })

  it('has only names that GraphQL allows', () => {
    const fields = new Map([['größe', { data: Uint8Array.of(1), priority: 1, heads: [] }]])
    expect(() => encodeRecord({ status: 1, schemaVersionId: 'v', heads: [], fields })).toThrow('"größe" is not ASCII')
  })
})

describe('stored heads', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(someHeads, (heads) => {
        expect(decodeHeads(encodeHeads(heads))).toEqual(heads)
      }),
    )
  })

  it('are corrupt when they are cut short or of another version', () => {
    expect(() => decodeHeads(Uint8Array.of(1, 1, 0))).toThrow(isCorrupt)
    expect(() => decodeHeads(Uint8Array.of(9, 0))).toThrow('has version 9')
    expect(() => decodeHeads(Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toThrow(isCorrupt)
  })
})
