import type { DocumentValue } from '../schema/document-value.ts'
import type { Scalar, ValueKind } from '../schema/kinds.ts'
import { oneIn, pick, someLength, someText } from '../util/random-values.testkit.ts'
import type { Random } from '../util/seed.testkit.ts'

const SCALARS: { readonly [S in Scalar]: (random: Random) => DocumentValue } = {
  ID: (random) => someText(100, random),
  Boolean: (random) => oneIn(2, random),
  Int: (random) => pick([random.below(300), -random.below(300), 2 ** 53 - 1, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n], random),
  Float64: someFloat,
  Float32: (random) => Math.fround(someFloat(random)),
  String: (random) => someText(1000, random),
  DateTime: (random) => pick(['2026-01-01T00:00:00Z', '0001-01-01T00:00:00.5Z', '9999-12-31T23:59:59.123456789-01:30'], random),
  Blob: (random) => someText(100, random),
  JSON: (random) => someTree(random, 4),
}

/** A value of a kind; null at times, as any value may be. */
export function someValue(kind: ValueKind, random: Random): DocumentValue {
  const scalar = SCALARS[kind.scalar]
  if (oneIn(20, random)) return null
  if (kind.list === false) return scalar(random)
  const length = someLength(300, random)
  return Array.from({ length }, () => (kind.list === 'nillable' && oneIn(4, random) ? null : scalar(random)))
}

function someFloat(random: Random): number {
  const sizes = [1, 0.1, 2 ** -20, 1e300, 5e-324]
  return pick([0, -0, 1, -1.5, Infinity, NaN, (random.below(2 ** 20) - 2 ** 19) * pick(sizes, random)], random)
}

function someTree(random: Random, depth: number): DocumentValue {
  const leaf = (): DocumentValue => pick([null, true, false, someFloat(random), someText(40, random)], random)
  if (depth === 0) return leaf()
  const length = random.below(4)
  return pick(
    [
      leaf,
      () => Array.from({ length }, () => someTree(random, depth - 1)),
      () => Object.fromEntries(Array.from({ length }, () => [someText(30, random), someTree(random, depth - 1)])),
    ],
    random,
  )()
}
