import type { DocumentValue } from '../../schema/document-value.ts'
import { typeNamed, type RelationShape, type Shape, type TypeShape } from './shape.testkit.ts'

/** A document as the evaluator sees it. What it has no value for is null. */
export interface PlainDocument {
  readonly docId: string
  readonly isDeleted: boolean
  readonly values: ReadonlyMap<string, DocumentValue>
}

/** Everything there is: a schema, and the documents of each of its types. */
export interface World {
  readonly shape: Shape
  readonly documents: ReadonlyMap<string, readonly PlainDocument[]>
}

/** The documents of a type in the order of their IDs. */
export function documentsOf(
  { documents }: World,
  type: string,
  { showDeleted = false }: { readonly showDeleted?: boolean } = {},
): readonly PlainDocument[] {
  return (documents.get(type) ?? []).filter(({ isDeleted }) => showDeleted || !isDeleted).toSorted((a, b) => (a.docId < b.docId ? -1 : 1))
}

/** The documents at the other end of a relation: those whose ID this one stores, or that store its ID. Deleted ones are not there. */
export function relatedTo(world: World, side: RelationShape, document: PlainDocument): readonly PlainDocument[] {
  const others = documentsOf(world, side.target)
  if (side.storesId) return others.filter(({ docId }) => docId === document.values.get(`${side.name}_id`))
  return others.filter(({ values }) => values.get(`${side.otherSide}_id`) === document.docId)
}

/** What a document shows under a name that is one value: its ID, the ID of a related document, or a value of its own. */
export function valueOf(world: World, type: TypeShape, document: PlainDocument, name: string): DocumentValue {
  if (name === '_docID') return document.docId
  const side = type.relations.find((candidate) => !candidate.isList && `${candidate.name}_id` === name)
  if (side !== undefined && !side.storesId) return relatedTo(world, side, document)[0]?.docId ?? null
  return document.values.get(name) ?? null
}

/** One side of a relation by its name. @throws RangeError when there is none: a mistake of the oracle */
export function relationNamed(type: TypeShape, name: string): RelationShape {
  const found = type.relations.find((side) => side.name === name)
  if (found === undefined) throw new RangeError(`the oracle has no relation "${type.name}.${name}"`)
  return found
}

export function targetOf({ shape }: World, side: RelationShape): TypeShape {
  return typeNamed(shape, side.target)
}
