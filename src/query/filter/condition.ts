import type { Relation } from '../collections.ts'
import type { Row } from '../row.ts'

/** A compiled filter, or a part of one. */
export interface Condition {
  /** The relation conditions inside, which have to be answered before `test` can be asked. */
  readonly relations: readonly RelationCondition[]
  /** The selected fields inside, by their keys in the response, which have to be computed before. */
  readonly aliases: readonly string[]
  /** The only document IDs that can pass, when the condition says so itself. */
  readonly docIds?: readonly string[]
  test(row: Row, facts: Facts): boolean
}

/** Asks whether a related document exists that passes `matching`. */
export interface RelationCondition {
  readonly relation: Relation
  readonly matching: Condition
}

/** What a condition cannot read from the row itself. */
export interface Facts {
  /** For each relation condition, the IDs that connect: of the related documents when this side stores them, else of the row's own document. */
  related(condition: RelationCondition): ReadonlySet<string>
  /** The value of a selected field, as the response has it. */
  computed(alias: string, row: Row): unknown
}

/** The facts of a condition that asks for none. */
export const NO_FACTS: Facts = {
  related: () => new Set(),
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
    test: (row, facts) => conditions.every((condition) => condition.test(row, facts)),
  }
}

/** Passes when at least one does. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return { ...needsOf(conditions), test: (row, facts) => conditions.some((condition) => condition.test(row, facts)) }
}

/** Passes when the condition does not. */
export function not(condition: Condition): Condition {
  return { ...needsOf([condition]), test: (row, facts) => !condition.test(row, facts) }
}

/** A condition on the row alone. */
export function onRow(test: (row: Row) => boolean): Condition {
  return { relations: [], aliases: [], test }
}

function needsOf(conditions: readonly Condition[]): Pick<Condition, 'relations' | 'aliases'> {
  return { relations: conditions.flatMap(({ relations }) => relations), aliases: conditions.flatMap(({ aliases }) => aliases) }
}
