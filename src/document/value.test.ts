import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { knownValueKind, VALUE_KINDS, type ValueKind } from '../schema/kinds.ts'
import { bytesToHex, compareText, hexToBytes } from '../util/bytes.ts'
import { compareScalars, compareValues, decodeValue, encodeValue, parseValue } from './value.ts'

const WHERE = { collection: 'Boat', field: 'crew' }

const scalarInputs: Readonly<Record<ValueKind['scalar'], fc.Arbitrary<unknown>>> = {
  ID: fc.uuid().map((uuid) => `bae-${uuid}`),
  Boolean: fc.boolean(),
  Int: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  Float64: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
  // A larger number becomes infinite, which is no input.
  Float32: fc.oneof(fc.double({ noNaN: true, min: -3.4e38, max: 3.4e38 }), fc.integer()),
  String: fc.string({ unit: 'binary' }),
  DateTime: fc
    .date({ noInvalidDate: true, min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-01-01T00:00:00Z') })
    .map((date) => date.toISOString()),
  Blob: fc.uint8Array().map(bytesToHex),
  JSON: fc.jsonValue(),
}

function inputOf(kind: ValueKind): fc.Arbitrary<unknown> {
  const scalar = scalarInputs[kind.scalar]
  return fc.oneof({ weight: 9, arbitrary: kind.list === false ? scalar : fc.array(fc.option(scalar), { maxLength: 5 }) }, fc.constant(null))
}

function refusal(kind: string, input: unknown): string {
  try {
    parseValue(knownValueKind(kind), input, WHERE)
  } catch (error) {
    if (isFailure(error, 'INVALID_DOCUMENT')) return error.message
    throw error
  }
  return 'accepted'
}

/** One value of each shape that bytes can have, alone and as the one element of a list. */
const SHAPES = ['01', '6161', '74323033312d30352d30395430383a30373a30365a', 'f5', 'f93c00', 'fb3fb999999999999a', 'a0']
const SAMPLES = [...SHAPES, ...SHAPES.map((hex) => `81${hex}`)]
const TEXTS = SHAPES.filter((hex) => hex.startsWith('6') || hex.startsWith('7'))
const SAMPLE_BY_SCALAR: Readonly<Record<ValueKind['scalar'], readonly string[]>> = {
  ID: TEXTS,
  Boolean: ['f5'],
  Int: ['01'],
  Float64: ['f93c00', 'fb3fb999999999999a'],
  Float32: ['f93c00'],
  String: TEXTS,
  DateTime: TEXTS.slice(1),
  Blob: TEXTS,
  JSON: SAMPLES.filter((hex) => !hex.endsWith('01')),
}

describe.each(VALUE_KINDS.map((kind) => [kind.name, kind] as const))('a value of kind %s', (_, kind) => {
  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(inputOf(kind), (input) => {
        const value = parseValue(kind, input, WHERE)
        expect(decodeValue(kind, encodeValue(kind, value))).toEqual(value)
        expect(parseValue(kind, value, WHERE)).toEqual(value)
      }),
    )
  })

  it('has a total order with null first', () => {
    fc.assert(
      fc.property(inputOf(kind), inputOf(kind), inputOf(kind), (...inputs) => {
        const [a, b, c] = inputs.map((input) => parseValue(kind, input, WHERE)) as [DocumentValue, DocumentValue, DocumentValue]
        expect(Math.sign(compareValues(kind, a, b))).toBe(-Math.sign(compareValues(kind, b, a)) + 0)
        expect(compareValues(kind, a, a)).toBe(0)
        expect(compareValues(kind, null, a)).toBe(a === null ? 0 : -1)
        if (compareValues(kind, a, b) <= 0 && compareValues(kind, b, c) <= 0) expect(compareValues(kind, a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('is refused as bytes that hold nothing, no value, or more than one', () => {
    for (const hex of ['', '40', 'c000', 'f7', 'ff', 'f6f6', '9fff', '62', '81', 'f93c', 'fa3f800000'])
      expect(isValueOf(kind, hex)).toBe(false)
  })

  it('is refused as bytes of other kinds', () => {
    const fitting = SAMPLES.filter((hex) => isValueOf(kind, hex))
    const list = kind.list === false ? '' : '81'
    const scalars = SAMPLE_BY_SCALAR[kind.scalar]
    expect(fitting).toEqual(SAMPLES.filter((hex) => scalars.some((scalar) => hex === list + scalar)))
  })
})

function isValueOf(kind: ValueKind, hex: string): boolean {
  try {
    decodeValue(kind, hexToBytes(hex))
    return true
  } catch (error) {
    if (isFailure(error, 'CORRUPT_DATA')) return false
    throw error
  }
}

describe('reading input', () => {
  it.each([
    ['Boolean', 'true', 'takes true or false, not "true"'],
    ['Boolean', 1, 'not 1'],
    ['Int', 1.5, 'takes a whole number from -2^63 to 2^63 - 1, not 1.5'],
    ['Int', '12', 'not "12"'],
    ['Int', 2n ** 63n, 'not 9223372036854775808'],
    ['Int', -(2n ** 63n) - 1n, 'not -9223372036854775809'],
    ['Int', 1e300, 'not 1e+300'],
    ['Int', Number.NaN, 'not NaN'],
    ['Int', true, 'not true'],
    ['Float64', '1.5', 'takes a finite number, not "1.5"'],
    ['Float64', Infinity, 'not Infinity'],
    ['Float64', Number.NaN, 'not NaN'],
    ['Float64', 10n ** 400n, 'takes a finite number'],
    ['Float32', [1], 'takes a finite number, not [1]'],
    ['String', 1, 'takes a text, not 1'],
    ['String', { a: 1 }, 'not {"a":1}'],
    ['ID', 5, 'takes a document ID, not 5'],
    ['Blob', 'xyz', 'takes bytes as pairs of hex digits'],
    ['Blob', 'abc', 'not "abc"'],
    ['DateTime', 'yesterday', 'takes a date and time as of RFC 3339'],
    ['DateTime', 0, 'not 0'],
    ['JSON', Number.NaN, 'takes JSON'],
    ['[Int!]', 5, 'takes a list, not 5'],
    ['[Int]', [1, 'x'], 'element 1 of field "crew" of collection "Boat" ([Int]) takes a whole number'],
    ['[Boolean!]', [true, undefined], 'element 1'],
    ['String', undefined, 'not undefined'],
    ['String', Symbol('s'), 'not a symbol'],
  ])('refuses for %s %s: %s', (kind, input, message) => {
    expect(refusal(kind, input)).toContain(message)
    expect(refusal(kind, input)).toContain('field "crew" of collection "Boat"')
  })

  it('takes a whole number in either type and gives the one that is exact', () => {
    const int = knownValueKind('Int')
    expect(parseValue(int, 5n, WHERE)).toBe(5)
    expect(parseValue(int, -0, WHERE)).toBe(0)
    expect(parseValue(int, 2 ** 53, WHERE)).toBe(2n ** 53n)
    expect(parseValue(int, 2n ** 53n - 1n, WHERE)).toBe(2 ** 53 - 1)
    expect(decodeValue(int, hexToBytes('1b7fffffffffffffff'))).toBe(2n ** 63n - 1n)
  })

  it('refuses integers beyond 64 bits also as bytes', () => {
    expect(isValueOf(knownValueKind('Int'), '1b8000000000000000')).toBe(false)
    expect(isValueOf(knownValueKind('Int'), '3b8000000000000000')).toBe(false)
    expect(isValueOf(knownValueKind('Int'), '3b7fffffffffffffff')).toBe(true)
  })

  it('refuses floats and times that nobody would write so', () => {
    expect(isValueOf(knownValueKind('Float32'), 'fb3fb999999999999a')).toBe(false)
    expect(isValueOf(knownValueKind('Float64'), 'f97e00')).toBe(true)
    expect(isValueOf(knownValueKind('DateTime'), '65746f646179')).toBe(false)
    expect(isValueOf(knownValueKind('[Int!]'), '81f6')).toBe(false)
  })
})

describe('the order of values', () => {
  it('of integers is by value, across both types', () => {
    expect(compareScalars('Int', 2n ** 60n, 5)).toBeGreaterThan(0)
    expect(compareScalars('Int', 2 ** 53, 2n ** 53n + 1n)).toBeLessThan(0)
    expect(compareScalars('Int', 7, 7n)).toBe(0)
  })

  it('of texts is that of their UTF-8', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (a, b) => compareScalars('String', a, b) === compareText(a, b),
      ),
    )
    expect(compareScalars('String', '🦊', '\uffff')).toBeGreaterThan(0)
  })

  it('of floats has NaN first', () => {
    expect(compareScalars('Float64', Number.NaN, -Infinity)).toBeLessThan(0)
    expect(compareScalars('Float64', 1, Number.NaN)).toBeGreaterThan(0)
    expect(compareScalars('Float64', Number.NaN, Number.NaN)).toBe(0)
  })

  it('of lists goes element by element, a beginning first', () => {
    const list = knownValueKind('[Int]')
    expect([[2], [1, 2], [], [1], [null], [1, null]].toSorted((a, b) => compareValues(list, a, b))).toEqual([
      [],
      [null],
      [1],
      [1, null],
      [1, 2],
      [2],
    ])
  })
})
