import type { Relation } from '../collections.ts'
import { allOf } from '../filter/condition.ts'
import { readRelated } from '../plan/read-rows.ts'
import { showGroups } from '../plan/run-select.ts'
import type { PlanScope } from '../plan/scope.ts'
import type { RequestField } from '../request/request-field.ts'
import type { Column } from './column.ts'

/** A related document, null when there is none, or the list of them. */
export function relationColumn(relation: Relation, field: RequestField, scope: PlanScope): Column {
  const plan = scope.planSelect(relation.target, field)
  return {
    key: field.key,
    joins: [{ relation, reading: plan }],
    read: async (rows, execution) => {
      const related = await readRelated(relation, rows, plan, execution)
      const shown = await showGroups(plan, related, execution)
      return relation.list ? shown : shown.map(([first]) => first ?? null)
    },
  }
}

/** `x_id` on the side that does not store it: the ID of the document that refers to this one. */
export function relatedIdColumn(relation: Relation, { key }: RequestField): Column {
  const reading = { collection: relation.target, showDeleted: false, filter: allOf([]) }
  return {
    key,
    joins: [{ relation, reading }],
    read: async (rows, execution) => {
      const related = await readRelated(relation, rows, reading, execution)
      return related.map(([first]) => first?.docId ?? null)
    },
  }
}
