import type { Relation } from '../collections.ts'
import type { Row } from '../row.ts'
import type { Demand } from './demand.ts'

/** A compiled filter, or a part of one. */
export interface Condition {
  /** The relation conditions inside, which have to be answered before `test` can be asked. */
  readonly relations: readonly RelationCondition[]
  /** The selected fields inside, by their keys in the response, which have to be computed before. */
  readonly aliases: readonly string[]
  /** The only document IDs that can pass, when the condition says so itself. */
  readonly docIds?: readonly string[]
  /** What every document that passes has to fulfil, for finding it without reading the others. */
  readonly finds: readonly Find[]
  test(row: Row, facts: Facts): boolean
}

/** A way to the documents that can pass a condition. */
export type Find =
  | { readonly kind: 'value'; readonly demand: Demand }
  | { readonly kind: 'related'; readonly condition: RelationCondition }
  /** All ways of at least one of these lists. */
  | { readonly kind: 'either'; readonly branches: readonly (readonly Find[])[] }

/** Asks whether a related document exists that passes `matching`. */
export interface RelationCondition {
  readonly relation: Relation
  readonly matching: Condition
}

/** What a condition cannot read from the row itself. */
export interface Facts {
  /** For each relation condition, the IDs that connect: of the related documents when this side stores them, else of the row's own document. */
  related(condition: RelationCondition): Connected
  /** The value of a selected field, as the response has it. */
  computed(alias: string, row: Row): unknown
}

/** The documents that a relation condition connects with. */
export interface Connected {
  readonly docIds: ReadonlySet<string>
  /** An index has found them, and they stand in its order. */
  readonly isInIndexOrder: boolean
}

export const NOTHING_CONNECTED: Connected = { docIds: new Set(), isInIndexOrder: false }

/** The facts of a condition that asks for none. */
export const NO_FACTS: Facts = {
  related: () => NOTHING_CONNECTED,
  computed: () => undefined,
}

/** Passes when all do. */
export function allOf(conditions: readonly Condition[]): Condition {
  const [first, ...others] = conditions
  if (first !== undefined && others.length === 0) return first
  const docIds = conditions.find((condition) => condition.docIds !== undefined)?.docIds
  return {
    ...needsOf(conditions),
    ...(docIds === undefined ? {} : { docIds }),
    finds: conditions.flatMap(({ finds }) => finds),
    test: (row, facts) => conditions.every((condition) => condition.test(row, facts)),
  }
}

/** Passes when at least one does. */
export function anyOf(conditions: readonly Condition[]): Condition {
  const branches = conditions.map(({ finds }) => finds)
  const finds: readonly Find[] = branches.every(({ length }) => length > 0) ? [{ kind: 'either', branches }] : []
  return { ...needsOf(conditions), finds, test: (row, facts) => conditions.some((condition) => condition.test(row, facts)) }
}

/** Passes when the condition does not. */
export function not(condition: Condition): Condition {
  return { ...needsOf([condition]), finds: [], test: (row, facts) => !condition.test(row, facts) }
}

/** A condition on the row alone, with what it demands of single fields. */
export function onRow(test: (row: Row) => boolean, demands: readonly Demand[] = []): Condition {
  return { relations: [], aliases: [], finds: demands.map((demand) => ({ kind: 'value', demand })), test }
}

function needsOf(conditions: readonly Condition[]): Pick<Condition, 'relations' | 'aliases'> {
  return { relations: conditions.flatMap(({ relations }) => relations), aliases: conditions.flatMap(({ aliases }) => aliases) }
}
