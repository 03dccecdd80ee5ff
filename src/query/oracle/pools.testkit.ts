import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import type { Choices } from './choices.testkit.ts'
import type { KindShape } from './shape.testkit.ts'

/** Longer than an index can have in a key, so that what differs only behind it has the same key. */
const LONG = 'p'.repeat(1_100)

/**
 * Few values of each kind, so that documents meet each other and the filters; among them what is easily confused. Sums of the floats are exact in any order:
 * all are multiples of a small power of two, and none is large.
 */
const POOLS: Readonly<Record<Exclude<Scalar, 'ID'>, readonly DocumentValue[]>> = {
  Boolean: [false, true],
  Int: [1, 0, 2, -1, 9007199254740991, 9007199254740993n, -9007199254740993n, -9223372036854775808n],
  Float64: [1, 0, -0, 0.25, 0.5, -1.5, 1 + 2 ** -30, 1000.75],
  Float32: [1, 0, -0, 0.5, Math.fround(0.1), -1.5, 1 + 2 ** -20],
  String: [
    'a',
    '',
    'ab',
    'aB',
    'abc',
    'a%c',
    'b%',
    'a.c',
    'a\nc',
    'a\u0000',
    'a\u0000\u0001',
    'é',
    'É',
    '\u{1f600}',
    '\uffee',
    `${LONG}${'a'.repeat(150)}`,
    `${LONG}${'b'.repeat(150)}`,
    LONG,
  ],
  DateTime: [
    '2026-01-01T00:00:00Z',
    '2026-01-01T01:00:00+01:00',
    '2025-12-31T23:29:59.5-00:30',
    '2025-12-31T23:59:59.5Z',
    '2026-01-01T00:00:00.000000001Z',
    '2026-01-01T00:00:00.000000002Z',
    '0099-12-31T23:59:59Z',
    '1969-12-31T23:59:59.999999999Z',
  ],
  Blob: ['00', '', '00ff', '00FF', 'ff', 'ab'.repeat(600)],
  JSON: [
    1,
    1.5,
    -0,
    'a',
    'b',
    `${LONG}${'a'.repeat(150)}`,
    true,
    [],
    {},
    [1],
    [1, null, 'a'],
    [[1], [2, 'b']],
    { a: 1 },
    { a: 2 },
    { a: 2, b: null },
    { a: 'a', b: [1, 2] },
    { a: { b: 1, c: 'b' } },
    { a: { b: 'a' }, b: { a: true } },
    { b: [{ a: 1 }, { a: 2, c: 'a' }] },
    { a: [[1], { b: 'b' }, 'a'] },
    { b: 1, a: 1 },
  ],
}

/** Values that are stored only: a literal cannot name such members. */
const STORED_ONLY: Readonly<Partial<Record<Scalar, readonly DocumentValue[]>>> = {
  JSON: [{ 'a.b': 1, 'x y': null, '': 'a', 'é/"': { a: 1 } }, { a: { '0': 1 } }],
}

/** Operands that no stored value is equal to, but near. */
const NEAR: Readonly<Partial<Record<Scalar, readonly DocumentValue[]>>> = {
  Int: [9007199254740992, -9007199254740992],
  Float64: [2, 0.1, 1e300],
  Float32: [0.1, 2],
  DateTime: ['2026-01-01T00:00:00.0000000010Z', '2026-01-01T00:00:00.10Z'],
}

export const PATTERNS: readonly string[] = [
  'a%',
  '%',
  '%b',
  '%a%',
  'a%c',
  'A%',
  '%C',
  'É',
  'é%',
  '',
  'ab',
  'a.c',
  'AB%C',
  'ab%b%',
  '%\u{1f600}%',
  `${LONG}%`,
  '%ff',
  '00%',
]

/** Names that objects in the JSON pool have, and one that none has of its own. */
export const JSON_NAMES: readonly string[] = ['a', 'b', 'c', 'constructor']

/** IDs that no document has. */
export const NOBODY: readonly string[] = [1, 2, 3].map((number) => `bae-00000000-0000-5000-8000-00000000000${number}`)

/** A value to store. */
export function randomValue(choices: Choices, { scalar, list }: KindShape, size?: number): DocumentValue {
  if (scalar === 'ID') return choices.pick(NOBODY)
  const element = (): DocumentValue =>
    list === 'nillable' && choices.chance(20) ? null : choices.pick([...POOLS[scalar], ...(STORED_ONLY[scalar] ?? [])])
  if (list === false) return element()
  return choices.list(size ?? 0, size ?? 3, element)
}

/** A value to compare with: mostly one that is stored somewhere. */
export function randomOperand(choices: Choices, scalar: Exclude<Scalar, 'ID'>): DocumentValue {
  return choices.pick([...POOLS[scalar], ...(NEAR[scalar] ?? [])])
}
