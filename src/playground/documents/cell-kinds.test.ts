import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { DocumentValue } from '../../schema/document-value.ts'
import { knownValueKind, VALUE_KINDS } from '../../schema/kinds.ts'
import { cellKind, compareKeys, valueFields, type CellKind, type SortKey, type ValueField } from './cell-kinds.ts'

function aField(kind: string, crdt: ValueField['crdt'] = 'lww'): ValueField {
  return { name: 'field', kind: knownValueKind(kind), crdt }
}

function parsed(kind: CellKind, text: string): DocumentValue {
  const result = kind.parse(text)
  if (result.kind === 'wrong') throw new RangeError(result.reason)
  return result.value
}

const LARGEST_INT = 2n ** 63n - 1n

const VALUES: Readonly<Record<string, fc.Arbitrary<DocumentValue>>> = {
  Boolean: fc.boolean(),
  Int: fc
    .bigInt({ min: -LARGEST_INT - 1n, max: LARGEST_INT })
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
  Float64: fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0),
  String: fc.string({ unit: 'grapheme' }),
  DateTime: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }).map((time) => time.toISOString()),
  '[String!]': fc.array(fc.string()),
  '[Boolean]': fc.array(fc.option(fc.boolean())),
  JSON: fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.integer(), { noNullPrototype: true }),
  ),
}

describe.each(Object.keys(VALUES))('a cell of %s', (name) => {
  const kind = cellKind(aField(name))
  const values = VALUES[name] ?? fc.constant(null)

  test('reads back every value it prints', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(parsed(kind, kind.print(value))).toEqual(value)
      }),
    )
  })

  test('has a text to read and a key to sort by for every value', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(kind.show(value)).toBeTypeOf('string')
        expect(compareKeys(kind.sortKey(value), kind.sortKey(value))).toBe(0)
      }),
    )
  })
})

test('every kind of value has a cell, and null is printed as nothing', () => {
  const texts = VALUE_KINDS.map(({ name }) => cellKind(aField(name)).print(null))
  expect(new Set(texts)).toEqual(new Set(['']))
})

test.each([
  ['Int', 'ten', '“ten” is not a whole number'],
  ['Int', '1.5', '“1.5” is not a whole number'],
  ['Int', '9223372036854775808', '9223372036854775808 does not fit into 64 bits'],
  ['Float64', '1,5', '“1,5” is not a number'],
  ['DateTime', 'yesterday', '“yesterday” is not a time such as 2026-11-22T19:46:00Z'],
  ['[String!]', 'a, b', 'this is not JSON: lists look like ["a", "b"]'],
])('%s says what is wrong with %s', (kind, text, reason) => {
  expect(cellKind(aField(kind)).parse(text)).toEqual({ kind: 'wrong', reason })
})

test('an emptied number is null, an emptied text is an empty text', () => {
  expect(parsed(cellKind(aField('Int')), ' ')).toBeNull()
  expect(parsed(cellKind(aField('String')), '')).toBe('')
})

test('a counter starts at nothing and counts', () => {
  const kind = cellKind(aField('Int', 'pncounter'))
  expect(kind.control).toBe('counter')
  expect(kind.print(null)).toBe('0')
})

test('times are ordered by the moment, not by their text', () => {
  const { sortKey } = cellKind(aField('DateTime'))
  expect(compareKeys(sortKey('2026-11-22T12:00:00+02:00'), sortKey('2026-11-22T11:00:00Z'))).toBeLessThan(0)
})

test('sort keys of any kind have one order', () => {
  const keys: fc.Arbitrary<SortKey> = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.bigInt(), fc.string())
  fc.assert(
    fc.property(keys, keys, keys, (a, b, c) => {
      expect(Math.sign(compareKeys(a, b))).toBe(-Math.sign(compareKeys(b, a)) + 0)
      if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).toBeLessThanOrEqual(0)
    }),
  )
})

test('columns: boxes to tick, what the document is called, texts, counters, figures', () => {
  const kinds = { age: 'Int', body: 'String', done: 'Boolean', title: 'String', votes: 'Int' }
  const fields = Object.entries(kinds).map(([name, kind]) => ({ ...aField(kind, name === 'votes' ? 'pncounter' : 'lww'), name }))
  expect(valueFields(fields).map(({ name }) => name)).toEqual(['done', 'title', 'body', 'votes', 'age'])
})

test('the columns of a collection are its values, without the document ID', () => {
  const fields = [
    { name: '_docID', kind: knownValueKind('ID'), crdt: 'none' },
    { name: 'author', kind: { type: 'relation', collection: 'User', list: false }, crdt: 'lww' },
    { name: 'author_id', kind: knownValueKind('ID'), crdt: 'lww' },
  ] as const
  expect(valueFields(fields).map(({ name }) => name)).toEqual(['author_id'])
})
