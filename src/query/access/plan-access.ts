import type { CollectionVersion, IndexDescription } from '../../schema/collection-version.ts'
import { knownValueKind } from '../../schema/kinds.ts'
import { equalTo } from '../operators/equality.ts'
import type { Demand } from '../filter/demand.ts'
import type { Condition, Connected, Facts, Find, RelationCondition } from '../filter/condition.ts'
import { chooseIndex, type FieldOrder, type IndexAccess } from './choose-index.ts'

/** The way to the documents of a reading. */
export type Access =
  /** All of the collection, in the order of their IDs. */
  | { readonly kind: 'scan' }
  | { readonly kind: 'index'; readonly access: IndexAccess }
  /** Those that a relation condition connects with. */
  | { readonly kind: 'related'; readonly condition: RelationCondition; readonly connected: Connected }
  /** What at least one of these ways leads to. */
  | { readonly kind: 'either'; readonly branches: readonly Access[] }

export interface AccessRequest {
  readonly collection: CollectionVersion
  readonly filter: Condition
  /** The order the documents are wanted in, as far as an index could have it. */
  readonly order?: FieldOrder
}

/** What is known only when a request runs; absent where it is planned without running. */
export interface AccessFacts {
  readonly facts: Facts
  isComplete(index: IndexDescription): boolean
}

/** More connected documents than this are not looked for one by one: the whole collection is read sooner. */
const MOST_CONNECTED = 10_000

/** Chooses how documents are found. Everything that is found still has to pass the filter. */
export function planAccess({ collection, filter, order }: AccessRequest, known: AccessFacts | undefined): Access {
  const isUsable = (index: IndexDescription): boolean => known?.isComplete(index) ?? true
  const access = findAccess(collection, filter.finds, order, isUsable, known?.facts)
  return access ?? { kind: 'scan' }
}

function findAccess(
  collection: CollectionVersion,
  finds: readonly Find[],
  order: FieldOrder | undefined,
  isUsable: (index: IndexDescription) => boolean,
  facts: Facts | undefined,
): Access | undefined {
  const related = finds.flatMap((find) => (find.kind === 'related' ? [find.condition] : []))
  const demands = [
    ...finds.flatMap((find) => (find.kind === 'value' ? [find.demand] : [])),
    ...related.flatMap((condition) => demandOfRelated(condition, facts)),
  ]
  const index = chooseIndex(collection, demands, order, isUsable)
  if (index !== undefined && index.equalParts > 0) return { kind: 'index', access: index }
  const connected = related.map((condition) => connectedDocuments(condition, facts)).find((access) => access !== undefined)
  if (connected !== undefined) return connected
  if (index !== undefined) return { kind: 'index', access: index }
  for (const find of finds) {
    if (find.kind !== 'either') continue
    const branches = find.branches.map((branch) => findAccess(collection, branch, undefined, isUsable, facts))
    if (branches.every((branch) => branch !== undefined)) return { kind: 'either', branches }
  }
  return undefined
}

/** Where this side stores the ID of the related document, it is one of those that pass. */
function demandOfRelated(condition: RelationCondition, facts: Facts | undefined): readonly Demand[] {
  const { storedIn, idField } = condition.relation
  const connected = facts?.related(condition)
  if (storedIn !== 'this' || connected === undefined || connected.docIds.size > MOST_CONNECTED) return []
  return [amongIds(idField, [...connected.docIds])]
}

function connectedDocuments(condition: RelationCondition, facts: Facts | undefined): Access | undefined {
  const connected = facts?.related(condition)
  if (condition.relation.storedIn !== 'target' || connected === undefined || connected.docIds.size > MOST_CONNECTED) return undefined
  return { kind: 'related', condition, connected }
}

/** The demand that a field which stores an ID holds one of these. */
export function amongIds(field: string, docIds: readonly string[]): Demand {
  const wanted = new Set(docIds)
  const { scalar } = knownValueKind('ID')
  const [only] = docIds
  const test =
    docIds.length === 1 && only !== undefined ? equalTo(only, scalar) : (value: unknown) => typeof value === 'string' && wanted.has(value)
  return { field, alternatives: [{ path: [], through: 'value', among: docIds, test }] }
}
