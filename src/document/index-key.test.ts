import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { STATUS_DELETED } from '../block/block.ts'
import { isFailure } from '../errors.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { MAX_INDEX_FIELDS } from '../schema/index-descriptions.ts'
import { knownValueKind } from '../schema/kinds.ts'
import { parseSdl } from '../schema/sdl.ts'
import { MAX_KEY_BYTES, type KeyRange } from '../storage/store.ts'
import { bytesToHex, bytesToMapKey, compareBytes } from '../util/bytes.ts'
import { testSeed } from '../util/seed.testkit.ts'
import { docIdFromBytes } from './document-id.ts'
import { entriesOfDocument, indexEntries, MAX_ENTRIES } from './index-entries.ts'
import { entryDocId, entryPrefix, entryRange, readEntry } from './index-key.ts'
import { indexLayout, type IndexLayout, type PartRange, type PartValue } from './index-layout.ts'
import { aLayout, aRecord } from './index.testkit.ts'
import { keys } from './keys.ts'
import { compareScalars, parseValue } from './value.ts'

const seed = testSeed()
const DOC_ID = 'bae-00112233-4455-6677-8899-aabbccddeeff'
const someDocId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(docIdFromBytes)

/** Few letters, so that texts meet; with those that are escaped, and beyond the BMP. */
const someText = fc.oneof(
  fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', '\u0003', 'a', 'b', '\uffff', '😀'), maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const someTime = fc
  .tuple(
    fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0')),
    fc.constantFrom('-01-01T00:00:00', '-12-31T23:59:59', '-06-15T12:00:00'),
    fc.constantFrom('', '.5', '.000000001', '.999999999'),
    fc.constantFrom('Z', '+00:30', '+12:00', '-12:00', '+23:59', '-23:59'),
  )
  .map((parts) => parts.join(''))

const scalarInputs: readonly (readonly [kind: string, input: fc.Arbitrary<unknown>])[] = [
  ['Boolean', fc.boolean()],
  ['Int', fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))],
  ['Float64', fc.oneof(fc.constantFrom(0, -0, 1, -1, 5e-324, -5e-324), fc.double({ noNaN: true, noDefaultInfinity: true }))],
  ['Float32', fc.oneof(fc.constantFrom(0, -0, 0.1), fc.double({ noNaN: true, min: -3.4e38, max: 3.4e38 }))],
  ['String', someText],
  ['Blob', fc.uint8Array({ maxLength: 3 }).map(bytesToHex)],
  ['ID', someDocId],
  ['DateTime', fc.oneof(someTime, fc.constantFrom('2024-02-29T12:00:00Z', '2024-02-29T13:00:00+01:00', '2024-02-29T12:00:00.0Z'))],
  ['JSON', fc.oneof(fc.boolean(), fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }), someText)],
]

/** Values of a kind as they are stored, nulls among them. */
function valuesOf(kind: string): fc.Arbitrary<DocumentValue> {
  const [, input] = scalarInputs.find(([name]) => name === kind) ?? ['', fc.constant(null)]
  const where = { collection: 'T', field: 'a' }
  return fc.option(input, { freq: 9 }).map((given) => parseValue(knownValueKind(kind), given, where))
}

function onlyEntry(layout: IndexLayout, docId: string, values: readonly DocumentValue[]): Uint8Array {
  const [key, ...others] = indexEntries(layout, docId, aRecord(layout, values))
  if (key === undefined || others.length > 0) throw new Error('one entry was expected')
  return key
}

function isWithin(key: Uint8Array, { from, to }: KeyRange): boolean {
  return (from === undefined || compareBytes(from, key) <= 0) && (to === undefined || compareBytes(key, to) < 0)
}

function isInRange(scalar: Parameters<typeof compareScalars>[0], value: DocumentValue, { from, to }: PartRange): boolean {
  const afterFrom = from === undefined ? 1 : compareScalars(scalar, value, from.value)
  const afterTo = to === undefined ? -1 : compareScalars(scalar, value, to.value)
  return (afterFrom > 0 || (afterFrom === 0 && from?.inclusive === true)) && (afterTo < 0 || (afterTo === 0 && to?.inclusive === true))
}

function at(value: DocumentValue): PartValue {
  return { path: [], through: 'value', value }
}

function orderedBy(layout: IndexLayout, a: readonly DocumentValue[], b: readonly DocumentValue[]): number {
  for (const [index, { kind, descending }] of layout.parts.entries()) {
    const difference = compareScalars(kind.scalar, a[index] ?? null, b[index] ?? null)
    if (difference !== 0) return descending ? -difference : difference
  }
  return 0
}

describe.each(scalarInputs.flatMap(([kind]) => [[kind], [`-${kind}`]]))('entries over a field of kind %s', (spelling) => {
  const layout = aLayout(spelling)
  const values = valuesOf(spelling.replace('-', ''))
  const [{ kind: { scalar } } = { kind: knownValueKind('Int') }] = layout.parts

  it('are in the order of the values, then of the documents; equal values share a prefix', () => {
    fc.assert(
      fc.property(values, values, someDocId, someDocId, (a, b, left, right) => {
        const difference = orderedBy(layout, [a], [b])
        const [first, second] = [onlyEntry(layout, left, [a]), onlyEntry(layout, right, [b])]
        const expected = Math.sign(difference) || (left < right ? -1 : Number(left > right))
        expect(Math.sign(compareBytes(first, second))).toBe(expected)
        expect(compareBytes(entryPrefix(first), entryPrefix(second)) === 0).toBe(difference === 0)
      }),
      { seed, numRuns: 500 },
    )
  })

  it('give the value and the document back', () => {
    fc.assert(
      fc.property(values, someDocId, (value, docId) => {
        const key = onlyEntry(layout, docId, [value])
        const { docId: read, parts } = readEntry(layout, key)
        expect(read).toBe(docId)
        expect(entryDocId(key)).toBe(docId)
        expect(parts).toHaveLength(1)
        expect(parts[0]).toMatchObject({ path: [], through: 'value', isCut: false })
        expect(compareScalars(scalar, parts[0]?.value ?? null, value)).toBe(0)
      }),
      { seed },
    )
  })

  it('lie in exactly the ranges their value lies in', () => {
    const someEnd = fc.option(fc.record({ value: values, inclusive: fc.boolean() }), { nil: undefined })
    fc.assert(
      fc.property(values, someEnd, someEnd, (value, from, to) => {
        const range: PartRange = { path: [], through: 'value', ...(from && { from }), ...(to && { to }) }
        expect(isWithin(onlyEntry(layout, DOC_ID, [value]), entryRange(layout, [], range))).toBe(isInRange(scalar, value, range))
      }),
      { seed, numRuns: 500 },
    )
  })
})

describe('entries over several fields', () => {
  const layout = aLayout('String', '-Int', '-DateTime')
  const someValues = fc.tuple(valuesOf('String'), valuesOf('Int'), valuesOf('DateTime'))

  it('are in the order of the fields, each in its direction', () => {
    fc.assert(
      fc.property(someValues, someValues, fc.integer({ min: 0, max: 3 }), (a, b, same) => {
        // The first parts the same, so that the later ones decide.
        const second = [...a.slice(0, same), ...b.slice(same)]
        const [left, right] = [onlyEntry(layout, DOC_ID, a), onlyEntry(layout, DOC_ID, second)]
        expect(Math.sign(compareBytes(left, right))).toBe(Math.sign(orderedBy(layout, a, second)))
        expect(readEntry(layout, left).parts.map(({ value }, index) => compare(layout, index, value, a[index] ?? null))).toEqual([0, 0, 0])
      }),
      { seed, numRuns: 500 },
    )
  })

  it('lie in exactly the ranges that fix the first fields and bound the next', () => {
    fc.assert(
      fc.property(someValues, someValues, valuesOf('Int'), fc.boolean(), (a, b, end, inclusive) => {
        const range: PartRange = { path: [], through: 'value', from: { value: b[1], inclusive }, to: { value: end, inclusive: !inclusive } }
        for (const first of [a[0], b[0]]) {
          const isInside = compare(layout, 0, a[0], first) === 0 && isInRange('Int', a[1], range)
          expect(isWithin(onlyEntry(layout, DOC_ID, a), entryRange(layout, [at(first)], range))).toBe(isInside)
          const isSame = compare(layout, 0, a[0], first) === 0 && compare(layout, 1, a[1], b[1]) === 0
          expect(isWithin(onlyEntry(layout, DOC_ID, a), entryRange(layout, [at(first), at(b[1])]))).toBe(isSame)
        }
      }),
      { seed, numRuns: 300 },
    )
  })
})

function compare({ parts }: IndexLayout, index: number, a: DocumentValue, b: DocumentValue): number {
  return compareScalars(parts[index]?.kind.scalar ?? 'Int', a, b)
}

describe('values that do not fit', () => {
  const beginning = 'x'.repeat(1200)
  const longText = fc.oneof(
    fc
      .tuple(fc.constantFrom(0, 30, 470, 960, 963, 964, 965, 966, 967, 968, 1200), someText)
      .map(([length, end]) => beginning.slice(0, length) + end),
    fc.string({ unit: 'binary', minLength: 300, maxLength: 1200 }),
  )

  it.each([
    [['String']],
    [['-String']],
    [['JSON']],
    [['Int', '-String', 'String']],
    [Array.from({ length: MAX_INDEX_FIELDS }, () => 'JSON')],
  ])('are cut, and found in every range they lie in: %s', (kinds) => {
    const layout = aLayout(...kinds)
    const texts = layout.parts.findIndex(({ kind }) => kind.scalar !== 'Int')
    const fill = (text: string): readonly DocumentValue[] =>
      layout.parts.map(({ kind }, index) => (kind.scalar === 'Int' ? 1 : index === texts ? text : ''))
    const scalar = layout.parts[texts]?.kind.scalar ?? 'String'
    const equal = layout.parts.slice(0, texts).map(() => at(1))
    fc.assert(
      fc.property(longText, longText, longText, fc.boolean(), fc.boolean(), (text, low, high, a, b) => {
        const key = onlyEntry(layout, DOC_ID, fill(text))
        const range: PartRange = { path: [], through: 'value', from: { value: low, inclusive: a }, to: { value: high, inclusive: b } }
        expect(key.length).toBeLessThanOrEqual(MAX_KEY_BYTES)
        const isInside = isInRange(scalar, text, range)
        const isFound = isWithin(key, entryRange(layout, equal, range))
        const { isCut = false, value = null } = readEntry(layout, key).parts[texts] ?? {}
        expect(value).toBe(isCut ? null : text)
        if (isInside || !isCut) expect(isFound).toBe(isInside)
        expect(isWithin(key, entryRange(layout, [...equal, at(low)]))).toBe(text === low)
      }),
      { seed, numRuns: 500 },
    )
  })

  it('are found only with what is cut at the same place', () => {
    const layout = aLayout('String')
    const range = entryRange(layout, [], { path: [], through: 'value', from: { value: beginning, inclusive: false } })
    expect(isWithin(onlyEntry(layout, DOC_ID, [`${beginning}!`]), range)).toBe(true)
    expect(isWithin(onlyEntry(layout, DOC_ID, ['x']), range)).toBe(false)
    expect(isWithin(onlyEntry(layout, DOC_ID, ['y']), range)).toBe(true)
  })
})

describe('entries over a list', () => {
  const layout = aLayout('[Int]')
  const entriesOf = (value: DocumentValue | undefined): readonly unknown[] =>
    indexEntries(layout, DOC_ID, aRecord(layout, [value])).map((key) => readEntry(layout, key).parts[0])

  it('are one for each distinct element, nulls among them', () => {
    expect(entriesOf([3, null, 1, 3, null])).toEqual([
      { path: [], through: 'element', value: 3, isCut: false },
      { path: [], through: 'element', value: null, isCut: false },
      { path: [], through: 'element', value: 1, isCut: false },
    ])
  })

  it('tell the empty list from no list', () => {
    expect(entriesOf([])).toEqual([{ path: [], through: 'empty', value: null, isCut: false }])
    expect(entriesOf(null)).toEqual([{ path: [], through: 'value', value: null, isCut: false }])
    expect(entriesOf(undefined)).toEqual(entriesOf(null))
  })

  it('are the product of what the fields give', () => {
    const both = aLayout('[Int!]', 'String', '[Boolean!]')
    const entries = indexEntries(both, DOC_ID, aRecord(both, [[1, 2], 'x', [true, false]]))
    expect(entries.map((key) => readEntry(both, key).parts.map(({ value }) => value))).toEqual([
      [1, 'x', true],
      [1, 'x', false],
      [2, 'x', true],
      [2, 'x', false],
    ])
  })
})

describe('entries over JSON', () => {
  const layout = aLayout('JSON')
  const placesOf = (value: DocumentValue | undefined): readonly string[] =>
    indexEntries(layout, DOC_ID, aRecord(layout, [value])).map((key) => {
      const [part] = readEntry(layout, key).parts
      return [...(part?.path ?? []), part?.through, JSON.stringify(part?.value)].join(' ')
    })

  it('are one for each scalar, with the members that lead to it', () => {
    expect(placesOf({ a: { b: 1, c: 'x' }, d: null, '': true })).toEqual([' value true', 'a b value 1', 'a c value "x"', 'd value null'])
    expect(placesOf(7)).toEqual(['value 7'])
  })

  it('are one for each distinct scalar of a list, none for what lies deeper in it', () => {
    expect(placesOf({ a: [1, 1, 'x', [2], { b: 3 }], c: [] })).toEqual(['a element 1', 'a element "x"', 'c empty null'])
  })

  it('are never none, so that other fields of the index can be found', () => {
    expect(placesOf({ a: {}, b: [{ c: 1 }] })).toEqual(['nothing null'])
    expect(placesOf({})).toEqual(['nothing null'])
    expect(placesOf(undefined)).toEqual(['value null'])
  })

  it('are found by their place alone, whatever the path', () => {
    const somePath = fc.array(someText, { maxLength: 6 })
    const longPath = fc.tuple(fc.constantFrom(1, 480, 486, 600), somePath).map(([length, path]) => ['p'.repeat(length), ...path])
    const somePaths = fc.oneof(
      somePath,
      longPath,
      fc.constant(Array.from({ length: 127 }, () => 'deep member')),
      fc.constant(Array.from({ length: 127 }, () => '')),
    )
    fc.assert(
      fc.property(somePaths, somePaths, fc.boolean(), (path, other, isList) => {
        const leaf: DocumentValue = isList ? [5] : 5
        const tree = path.reduceRight<DocumentValue>((inner, name) => Object.fromEntries([[name, inner]]), leaf)
        const through = isList ? 'element' : 'value'
        const key = onlyEntry(layout, DOC_ID, [tree])
        const isSame = JSON.stringify(path) === JSON.stringify(other)
        expect(key.length).toBeLessThanOrEqual(MAX_KEY_BYTES)
        expect(isWithin(key, entryRange(layout, [{ path, through, value: 5 }]))).toBe(true)
        expect(
          isWithin(
            key,
            entryRange(layout, [], { path, through, from: { value: 4, inclusive: false }, to: { value: Infinity, inclusive: true } }),
          ),
        ).toBe(true)
        expect(isWithin(key, entryRange(layout, [], { path, through, from: { value: 5, inclusive: false } }))).toBe(false)
        expect(isWithin(key, entryRange(layout, [], { path, through: isList ? 'value' : 'element' }))).toBe(false)
        expect(isWithin(key, entryRange(layout, [], { path: other, through }))).toBe(isSame)
        const [part] = readEntry(layout, key).parts
        expect(part).toEqual(
          part?.isCut === true ? { path: [], through, value: null, isCut: true } : { path, through, value: 5, isCut: false },
        )
      }),
      { seed, numRuns: 300 },
    )
  })

  it('order the scalars of one place by rank, then by value', () => {
    const ordered: readonly DocumentValue[] = [null, false, true, -1.5, 0, 2, '', 'a', 'b']
    const found = ordered.map((value) => onlyEntry(layout, DOC_ID, [{ x: value }]))
    expect(found.toSorted(compareBytes)).toEqual(found)
  })
})

describe('entries of a document', () => {
  const layout = aLayout('[Int!]', '[Int!]')
  const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number)

  it('are none when it is deleted or sealed', () => {
    const record = aRecord(layout, [[1], [2]])
    expect(indexEntries(layout, DOC_ID, record)).toHaveLength(1)
    expect(indexEntries(layout, DOC_ID, { ...record, status: STATUS_DELETED })).toEqual([])
    expect(indexEntries(layout, DOC_ID, { ...record, secrecy: 'sealed' })).toEqual([])
    expect(indexEntries(layout, DOC_ID, { ...record, secrecy: 'opened' })).toHaveLength(1)
  })

  it('are each once', () => {
    const found = indexEntries(layout, DOC_ID, aRecord(layout, [upTo(64), upTo(64)]))
    expect(new Set(found.map(bytesToMapKey)).size).toBe(MAX_ENTRIES)
  })

  it('are counted, not made, when there are too many', () => {
    expect(entriesOfDocument(layout, DOC_ID, aRecord(layout, [upTo(64), upTo(65)]))).toEqual({ kind: 'too many', count: 4160 })
    expect(entriesOfDocument(layout, DOC_ID, aRecord(layout, [upTo(100_000), [1]]))).toEqual({ kind: 'too many', count: MAX_ENTRIES + 1 })
    expect(() => indexEntries(layout, DOC_ID, aRecord(layout, [upTo(64), upTo(65)]))).toThrow('has 4160 entries or more in index 7')
  })

  it('may be shared under a unique index when a value is null or there is none', () => {
    const shared = (kind: string, value: DocumentValue): readonly boolean[] => {
      const both = aLayout(kind, 'Int')
      const found = entriesOfDocument(both, DOC_ID, aRecord(both, [value, 1]))
      return found.kind === 'whole' ? found.entries.map(({ isShared }) => isShared) : []
    }
    expect(shared('String', 'x')).toEqual([false])
    expect(shared('String', null)).toEqual([true])
    expect(shared('[Int]', [1, null])).toEqual([false, true])
    expect(shared('[Int]', [])).toEqual([true])
    expect(shared('JSON', {})).toEqual([true])
  })
})

describe('the layout of an index', () => {
  const [version] = parseSdl('type T { a: Int b: [String!] c: JSON other: O } type O { d: Int }', [])
  if (version === undefined) throw new Error('no collection')
  const index = (...names: readonly string[]): Parameters<typeof indexLayout>[1] => ({
    name: 'i',
    id: 3,
    fields: names.map((name) => ({ name, descending: name === 'a' })),
    unique: false,
  })

  it('has the kinds of its fields', () => {
    const layout = indexLayout(version, index('a', 'b', '_docID'))
    expect(layout?.collectionId).toBe(version.collectionId)
    expect(layout?.parts.map(({ field, kind, descending }) => [field, kind.name, descending])).toEqual([
      ['a', 'Int', true],
      ['b', '[String!]', false],
      ['_docID', 'ID', false],
    ])
  })

  it('is none where a field is missing or holds no value, or there are too many', () => {
    expect(indexLayout(version, index('a', 'gone'))).toBeUndefined()
    expect(indexLayout(version, index('other'))).toBeUndefined()
    expect(indexLayout(version, index(...Array.from({ length: MAX_INDEX_FIELDS + 1 }, () => 'a')))).toBeUndefined()
  })

  it('gives the document its own ID as a value', () => {
    const layout = indexLayout(version, index('_docID'))
    if (layout === undefined) throw new Error('no layout')
    expect(readEntry(layout, onlyEntry(layout, DOC_ID, [])).parts).toEqual([{ path: [], through: 'value', value: DOC_ID, isCut: false }])
  })
})

describe('a key that is no entry', () => {
  it('is refused', () => {
    const layout = aLayout('Int')
    const good = onlyEntry(layout, DOC_ID, [1])
    const bad = good.slice()
    bad[21] = 0xee
    for (const key of [keys.meta(), keys.indexClaim(good), bad, good.subarray(0, 30)]) {
      let code: string | undefined
      try {
        readEntry(layout, key)
      } catch (error) {
        code = isFailure(error) ? error.code : String(error)
      }
      expect(code).toBe('CORRUPT_DATA')
    }
  })
})
