import { entryRange } from '../../document/index-key.ts'
import { indexLayout, type IndexLayout, type IndexPart, type PartRange, type PartValue } from '../../document/index-layout.ts'
import type { ReadPart } from '../../document/index-part.ts'
import { compareScalars } from '../../document/value.ts'
import type { CollectionVersion, IndexDescription } from '../../schema/collection-version.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import type { KeyRange } from '../../storage/store.ts'
import { compareBytes } from '../../util/bytes.ts'
import type { Alternative, Demand } from '../filter/demand.ts'
import { bothSeeks } from '../operators/seek.ts'

/** An order that an index can have: single values of the documents themselves. */
export type FieldOrder = readonly { readonly field: string; readonly isDescending: boolean }[]

/** How an index is used: which of its entries are read, which of these count, and what their order is good for. */
export interface IndexAccess {
  readonly index: IndexDescription
  readonly layout: IndexLayout
  /** Ascending and apart from each other. */
  readonly ranges: readonly KeyRange[]
  /** How many parts are equal to one of some values, from the first on. */
  readonly equalParts: number
  /** Whether an entry can be that of a document that passes. An entry whose value was cut always can. */
  test(parts: readonly ReadPart[]): boolean
  /** The parts that stand in the requested order; absent when the entries have another one. */
  readonly ordered?: OrderedParts
}

export interface OrderedParts {
  readonly first: number
  readonly end: number
  /** The entries have to be read from the last to the first. */
  readonly reverse: boolean
}

/** More single ranges than this are read as one: each costs a look into the storage. */
const MOST_RANGES = 1_000

/** Chooses the index that leaves the least to read, or that saves ordering; `undefined` when none helps. */
export function chooseIndex(
  collection: CollectionVersion,
  demands: readonly Demand[],
  order: FieldOrder | undefined,
  isUsable: (index: IndexDescription) => boolean,
): IndexAccess | undefined {
  let best: { readonly access: IndexAccess; readonly score: number } | undefined
  for (const index of collection.indexes) {
    const layout = indexLayout(collection, index)
    const candidate = layout === undefined || !isUsable(index) ? undefined : planIndex(index, layout, demands, order)
    if (candidate !== undefined && candidate.score > (best?.score ?? 0)) best = candidate
  }
  return best?.access
}

/** An equal part leaves less than a stretch of values, that less than a test of every entry; an order is worth more than such a test. */
const SCORES = { equal: 100, stretch: 50, ordered: 40, test: 10 } as const

function planIndex(
  index: IndexDescription,
  layout: IndexLayout,
  demands: readonly Demand[],
  order: FieldOrder | undefined,
): { readonly access: IndexAccess; readonly score: number } | undefined {
  const demanded = layout.parts.map((part) => demandOf(part, demands))
  const equal = equalValues(layout, demanded)
  const next = demanded[equal.parts]
  const ordered = order === undefined ? undefined : orderedParts(layout, equal, order)
  if (equal.parts === 0 && next === undefined && ordered === undefined) return undefined
  const isStretch = next?.alternatives.some(({ from, to }) => from !== undefined || to !== undefined) === true
  const score =
    equal.parts * SCORES.equal +
    (isStretch ? SCORES.stretch : 0) +
    (ordered === undefined ? 0 : SCORES.ordered) +
    (next !== undefined && !isStretch && equal.parts === 0 ? SCORES.test : 0)
  const ranges = equal.combinations.flatMap((values) => rangesOf(layout, values, next)).toSorted(byStart)
  const access = { index, layout, ranges, equalParts: equal.parts, test: testOf(demanded) }
  return { score, access: ordered === undefined ? access : { ...access, ordered } }
}

/** The demand on a part's field that leaves the least. Those on one and the same value are one. */
function demandOf({ field, kind }: IndexPart, demands: readonly Demand[]): Demand | undefined {
  const places = new Map<string, Demand>()
  const others: Demand[] = []
  for (const demand of demands) {
    if (demand.field !== field) continue
    const [only, ...more] = demand.alternatives
    if (only === undefined || more.length > 0 || only.through !== 'value') {
      others.push(demand)
      continue
    }
    const place = JSON.stringify(only.path)
    const known = places.get(place)?.alternatives[0]
    places.set(place, known === undefined ? demand : { field, alternatives: [bothAlternatives(known, only, kind.scalar)] })
  }
  const all = [...places.values(), ...others]
  return all.find(({ alternatives }) => alternatives.every(({ among }) => among !== undefined)) ?? all[0]
}

function bothAlternatives(a: Alternative, b: Alternative, scalar: Scalar): Alternative {
  return { path: a.path, through: a.through, ...bothSeeks(a, b, scalar), test: (value) => a.test(value) && b.test(value) }
}

interface EqualValues {
  readonly parts: number
  readonly combinations: readonly (readonly PartValue[])[]
}

/**
 * The values that the first parts have to be equal to. Only the first part may have a choice of several: further ones would multiply, and testing the entries
 * costs less than looking for each combination.
 */
function equalValues({ parts }: IndexLayout, demanded: readonly (Demand | undefined)[]): EqualValues {
  let combinations: readonly (readonly PartValue[])[] = [[]]
  for (const [position, part] of parts.entries()) {
    const [only, ...others] = demanded[position]?.alternatives ?? []
    if (only?.among === undefined || others.length > 0) return { parts: position, combinations }
    const values = distinct(only.among, part)
    if (position > 0 && values.length > 1) return { parts: position, combinations }
    if (values.length > MOST_RANGES) return { parts: position, combinations }
    const { path, through } = only
    combinations = combinations.flatMap((before) => values.map((value) => [...before, { path, through, value }]))
  }
  return { parts: parts.length, combinations }
}

function distinct(values: readonly DocumentValue[], { kind: { scalar } }: IndexPart): readonly DocumentValue[] {
  return values
    .toSorted((a, b) => compareScalars(scalar, a, b))
    .filter((value, position, sorted) => position === 0 || compareScalars(scalar, value, sorted[position - 1] ?? null) !== 0)
}

/** The ranges of one combination: a single one, or one for each place and value of the part after the equal ones. */
function rangesOf(layout: IndexLayout, equal: readonly PartValue[], next: Demand | undefined): readonly KeyRange[] {
  if (next === undefined) return [entryRange(layout, equal)]
  return next.alternatives.map((alternative) => entryRange(layout, equal, stretchOf(alternative)))
}

/** The stretch of values that an alternative leaves. A choice of single values leaves none here: entries are tested for it. */
function stretchOf({ path, through, among, from, to }: Alternative): PartRange {
  const [only, ...others] = among ?? []
  if (only !== undefined && others.length === 0) {
    const end = { value: only, inclusive: true }
    return { path, through, from: end, to: end }
  }
  return { path, through, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

function byStart(a: KeyRange, b: KeyRange): number {
  return compareBytes(a.from ?? new Uint8Array(), b.from ?? new Uint8Array())
}

function testOf(demanded: readonly (Demand | undefined)[]): IndexAccess['test'] {
  const tests = demanded.flatMap((demand, position) => (demand === undefined ? [] : [{ position, alternatives: demand.alternatives }]))
  return (parts) =>
    tests.every(({ position, alternatives }) => {
      const part = parts[position]
      return (
        part !== undefined &&
        alternatives.some((alternative) => isSamePlace(alternative, part) && (part.isCut || alternative.test(part.value)))
      )
    })
}

function isSamePlace(a: Alternative, b: ReadPart): boolean {
  return a.through === b.through && a.path.length === b.path.length && a.path.every((name, index) => name === b.path[index])
}

/** The parts that give the order, after those that are equal to one value. */
function orderedParts(
  { parts }: IndexLayout,
  { parts: equalParts, combinations }: EqualValues,
  order: FieldOrder,
): OrderedParts | undefined {
  const fixed = combinations.length === 1 ? parts.slice(0, equalParts).map(({ field }) => field) : []
  // What all documents are equal in orders nothing.
  const wanted = order.filter(({ field }) => !fixed.includes(field))
  const first = fixed.length
  const [leading] = wanted
  if (leading === undefined) return undefined
  const reverse = leading.isDescending !== parts[first]?.descending
  const isOrdered = wanted.every(({ field, isDescending }, position) => {
    const part = parts[first + position]
    return part !== undefined && part.field === field && isSingle(part) && (part.descending !== isDescending) === reverse
  })
  return isOrdered ? { first, end: first + wanted.length, reverse } : undefined
}

function isSingle({ kind }: IndexPart): boolean {
  return kind.list === false && kind.scalar !== 'JSON'
}
