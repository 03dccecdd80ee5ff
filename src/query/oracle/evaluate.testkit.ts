import type { DocumentValue } from '../../schema/document-value.ts'
import { aggregate, aggregateRoot } from './aggregates.testkit.ts'
import { Tiers, type Expected, type ExpectedObject } from './expected.testkit.ts'
import type { Alias } from './filters.testkit.ts'
import { unfold, type PlainRequest, type SelectField, type UnfoldedField } from './request.testkit.ts'
import { chooseRows, type Row } from './rows.testkit.ts'
import { kindOf, typeNamed, type TypeShape } from './shape.testkit.ts'
import { documentsOf, relatedTo, targetOf, valueOf, type World } from './world.testkit.ts'

/**
 * The answer to a request, found in the slow and obvious way: every question is asked of every document anew. It shares no code with the engine, so that the
 * two can be compared, and is written to be read: this is what the language means.
 */
export function evaluate(world: World, request: PlainRequest): ExpectedObject {
  return Object.fromEntries(
    unfold(request.roots).flatMap((root): (readonly [string, Expected])[] => {
      if (root.kind === 'aggregate') return [[root.key, aggregateRoot(world, root)]]
      if (root.kind !== 'select') return []
      const { showDeleted = false } = root.arguments
      const rows = documentsOf(world, root.on, { showDeleted }).map((document) => ({ document }))
      return [[root.key, evaluateSelect(world, rows, root)]]
    }),
  )
}

/** What a select shows of the rows it is given. */
function evaluateSelect(world: World, rows: readonly Row[], select: SelectField): Tiers {
  const type = typeNamed(world.shape, select.on)
  const fields = unfold(select.fields)
  const chosen = chooseRows(world, type, rows, select.arguments, (row) => aliasIn(world, type, row, fields))
  return new Tiers(chosen.map(({ count, of }) => ({ count, of: of.map((row) => showRow(world, type, row, fields)) })))
}

function showRow(world: World, type: TypeShape, row: Row, fields: readonly UnfoldedField[]): ExpectedObject {
  return Object.fromEntries(fields.map((field) => [field.key, showField(world, type, row, field, fields)]))
}

function showField(world: World, type: TypeShape, row: Row, field: UnfoldedField, siblings: readonly UnfoldedField[]): Expected {
  switch (field.kind) {
    case 'value':
      if (field.name === '__typename') return type.name
      if (field.name === '_deleted') return row.document.isDeleted
      return valueOf(world, type, row.document, field.name)
    case 'aggregate':
      return aggregate(world, type, row, field, siblings)
    case 'similarity':
      return dotProduct(valueOf(world, type, row.document, field.field), field.vector)
    case 'select':
      return showSelected(world, type, row, field)
  }
}

/** The members of a group, the list of related documents, or the one related document. */
function showSelected(world: World, type: TypeShape, row: Row, field: SelectField): Expected {
  if (field.name === '_group') return evaluateSelect(world, row.members ?? [], field)
  const side = type.relations.find(({ name }) => name === field.name)
  if (side === undefined) throw new Error(`the oracle cannot select "${field.name}"`)
  const others = relatedTo(world, side, row.document)
  if (side.isList) {
    const rows = others.map((document) => ({ document }))
    return evaluateSelect(world, rows, field)
  }
  const [other] = others
  return other === undefined ? null : showRow(world, targetOf(world, side), { document: other }, unfold(field.fields))
}

/** What a filter or an order finds under an alias: a value of the document's own, or whatever else is selected, which is compared as JSON is. */
function aliasIn(world: World, type: TypeShape, row: Row, fields: readonly UnfoldedField[]): Alias {
  return (key) => {
    const field = fields.find((candidate) => candidate.key === key)
    if (field === undefined) throw new Error(`the oracle has nothing under the alias "${key}"`)
    const kind = field.kind === 'value' ? kindOf(type, field.name) : undefined
    return { kind: kind ?? { scalar: 'JSON', list: false }, value: showField(world, type, row, field, fields) as DocumentValue }
  }
}

/** Null where there is no vector. */
function dotProduct(value: DocumentValue, vector: readonly number[]): number | null {
  if (!Array.isArray(value)) return null
  return vector.reduce((sum, weight, index) => sum + weight * Number((value as readonly DocumentValue[])[index]), 0)
}

/** Whether there is anything in an answer: a document, or a number other than what stands for none. */
export function isAnswered(expected: ExpectedObject): boolean {
  return Object.values(expected).some((root) => (root instanceof Tiers ? root.tiers.length > 0 : root !== null && root !== 0))
}
