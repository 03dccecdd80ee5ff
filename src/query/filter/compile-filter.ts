import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion, FieldDescription } from '../../schema/collection-version.ts'
import { knownValueKind, type ValueKind } from '../../schema/kinds.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import { quote } from '../../util/quote.ts'
import type { QueryCollections, Relation } from '../collections.ts'
import { fieldReader, type Row } from '../row.ts'
import { allOf, anyOf, not, onRow, type Condition, type Facts, type RelationCondition } from './condition.ts'
import { demandsOf } from './demand.ts'
import { compileValueCondition, compoundList, isPlainObject } from './value-condition.ts'

/** The kind of a selected field by its key in the response; `undefined` when nothing is selected under this key. */
export type AliasKinds = (alias: string) => ValueKind | undefined

/**
 * Compiles a filter in the form GraphQL has it, `{ age: { _gt: 3 }, _or: [...] }`: all its entries have to pass. Null and `{}` let everything pass.
 *
 * @throws INVALID_REQUEST
 */
export function compileFilter(
  collections: QueryCollections,
  collection: CollectionVersion,
  filter: unknown,
  aliasKinds: AliasKinds = () => undefined,
): Condition {
  if (filter === null || filter === undefined) return allOf([])
  if (!isPlainObject(filter)) {
    throw new DatabaseError(
      'INVALID_REQUEST',
      `a filter of "${collection.name}" is an object such as { field: { _eq: … } }, not ${quote(filter)}`,
      {},
    )
  }
  const compile = (part: unknown): Condition => compileFilter(collections, collection, part, aliasKinds)
  return allOf(Object.entries(filter).map(([name, raw]) => compileEntry(collections, collection, name, raw, { compile, aliasKinds })))
}

/** The parts of a filter that all have to pass, so that some can be asked before the others. */
export function splitFilter(filter: unknown): readonly unknown[] {
  if (!isPlainObject(filter)) return filter === null || filter === undefined ? [] : [filter]
  return Object.entries(filter).flatMap(([name, raw]) => (name === '_and' ? compoundList(raw).flatMap(splitFilter) : [{ [name]: raw }]))
}

interface Inside {
  readonly compile: (part: unknown) => Condition
  readonly aliasKinds: AliasKinds
}

function compileEntry(collections: QueryCollections, collection: CollectionVersion, name: string, raw: unknown, inside: Inside): Condition {
  const compound = COMPOUNDS.get(name)
  if (compound !== undefined) return compound(raw, inside, collection)
  const field = collection.fields.find((candidate) => candidate.name === name)
  if (field === undefined) throw unknownField(collection, name)
  const relation = collections.relation(collection, field)
  if (field.kind.type === 'relation') {
    if (relation === undefined) throw unknownField(collection, name)
    return onRelated({ relation, matching: compileFilter(collections, relation.target, raw) }, raw === null)
  }
  if (relation?.storedIn === 'target') return onOtherSide(collection, relation, name, raw)
  return onField(collection, field, field.kind, raw)
}

const COMPOUNDS: ReadonlyMap<string, (raw: unknown, inside: Inside, collection: CollectionVersion) => Condition> = new Map([
  ['_and', (raw: unknown, { compile }: Inside) => allOf(compoundList(raw).map(compile))],
  ['_or', (raw: unknown, { compile }: Inside) => (raw === null ? allOf([]) : anyOf(compoundList(raw).map(compile)))],
  ['_not', (raw: unknown, { compile }: Inside) => (raw === null ? allOf([]) : not(compile(raw)))],
  ['_alias', onAliases],
])

function onField(collection: CollectionVersion, field: FieldDescription, kind: ValueKind, raw: unknown): Condition {
  const where = { collection: collection.name, field: field.name }
  const test = compileValueCondition(kind, raw, where)
  if (field.name !== '_docID') {
    const read = fieldReader(field.name, kind)
    return onRow((row) => test(read(row)), demandsOf(field.name, kind, raw, where))
  }
  const docIds = docIdsOf(raw)
  return { ...onRow(({ docId }) => test(docId)), ...(docIds === undefined ? {} : { docIds }) }
}

/** The IDs that a condition on `_docID` names, so that they can be read without a scan. */
function docIdsOf(raw: unknown): readonly string[] | undefined {
  if (!isPlainObject(raw)) return undefined
  if (typeof raw['_eq'] === 'string') return [raw['_eq']]
  const list: unknown = raw['_in']
  return Array.isArray(list) ? list.filter((docId) => typeof docId === 'string') : undefined
}

/** `{ author: { … } }`: there is a related document that passes. `{ author: null }`: there is none. */
function onRelated(condition: RelationCondition, isNegated: boolean): Condition {
  const connects = connection(condition)
  const finds = [{ kind: 'related', condition } as const]
  const related: Condition = { relations: [condition], aliases: [], finds, test: (row, facts) => connects(row, facts) }
  return isNegated ? not(related) : related
}

/** `{ author_id: { … } }` where the other side stores the ID: a condition on the ID of the related document, which is null when there is none. */
function onOtherSide(collection: CollectionVersion, relation: Relation, name: string, raw: unknown): Condition {
  const test = compileValueCondition(knownValueKind('ID'), raw, { collection: collection.name, field: name })
  const related = onRelated({ relation, matching: onRow(({ docId }) => test(docId)) }, false)
  return test(null) ? anyOf([related, onRelated({ relation, matching: allOf([]) }, true)]) : related
}

function connection(condition: RelationCondition): (row: Row, facts: Facts) => boolean {
  const { storedIn, idField } = condition.relation
  if (storedIn === 'target') return (row, facts) => facts.related(condition).docIds.has(row.docId)
  const read = fieldReader(idField, knownValueKind('ID'))
  return (row, facts) => {
    const docId = read(row)
    return typeof docId === 'string' && facts.related(condition).docIds.has(docId)
  }
}

/** `{ _alias: { total: { _gt: 3 } } }`: conditions on selected fields by their keys in the response. */
function onAliases(raw: unknown, { aliasKinds }: Inside, collection: CollectionVersion): Condition {
  if (raw === null) return allOf([])
  if (!isPlainObject(raw))
    throw new DatabaseError('INVALID_REQUEST', `"_alias" names selected fields, such as { total: { _gt: 3 } }, not ${quote(raw)}`, {})
  return allOf(
    Object.entries(raw).map(([alias, operators]) => {
      const kind = aliasKinds(alias)
      if (kind === undefined) {
        const message = `filter of "${collection.name}": nothing is selected under the name "${alias}"; select it, or correct the name`
        throw new DatabaseError('INVALID_REQUEST', message, {})
      }
      const test = compileValueCondition(kind, operators, { collection: collection.name, field: alias })
      // What a response holds are values, or lists and objects of them.
      return {
        relations: [],
        aliases: [alias],
        finds: [],
        test: (row, facts) => test(facts.computed(alias, row) as Parameters<typeof test>[0]),
      }
    }),
  )
}

function unknownField(collection: CollectionVersion, name: string): DatabaseError {
  const known = [...collection.fields.map((field) => field.name), ...COMPOUNDS.keys()]
  return new DatabaseError('INVALID_REQUEST', `filter of "${collection.name}": there is no field "${name}"${didYouMean(name, known)}`, {})
}
