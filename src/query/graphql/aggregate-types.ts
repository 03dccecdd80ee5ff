import {
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
} from 'graphql'

import type { CollectionVersion, FieldDescription } from '../../schema/collection-version.ts'
import { knownValueKind, type Scalar, type ValueKind } from '../../schema/kinds.ts'
import { TYPE_NAMES } from '../../schema/type-names.ts'
import { memoize } from '../../util/memoize.ts'
import type { Aggregate } from '../aggregates/aggregate.ts'
import { AGGREGATES } from '../aggregates/aggregates.ts'
import type { QueryCollections } from '../collections.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { spell, spellValues } from '../dialect/spell.ts'
import { fieldWord, rootWord } from '../dialect/words.ts'
import type { FilterTypes } from './filter-types.ts'
import type { ScalarTypes } from './scalar-types.ts'
import { sortedFields } from './sorted-fields.ts'

type Fields = Record<string, GraphQLFieldConfig<unknown, unknown>>

/** The fields and argument types of aggregates. */
export interface AggregateTypes {
  /** On a collection's type: over its relations, its lists, its group and its versions. */
  onCollection(collection: CollectionVersion): Fields
  /** At the root: over whole collections. */
  readonly onQuery: Fields
}

interface Parts {
  readonly scalars: ScalarTypes
  readonly filters: FilterTypes
  readonly ordering: GraphQLEnumType
  readonly dialect: Dialect
  orderOf(collection: CollectionVersion): GraphQLInputType
}

const NUMBERS: readonly Scalar[] = ['Int', 'Float64', 'Float32']

export function createAggregateTypes(collections: QueryCollections, parts: Parts): AggregateTypes {
  const { scalars, filters, ordering, dialect } = parts
  const slice = { limit: { type: scalars.Int }, offset: { type: scalars.Int } }
  const selector = (name: string, fields: () => Record<string, GraphQLInputFieldConfig>): GraphQLInputObjectType =>
    new GraphQLInputObjectType({ name, fields: () => sortedFields(fields()) })

  const numericFields = memoize((collection: CollectionVersion): GraphQLEnumType => {
    const names = collection.fields.flatMap(({ name, kind }) => (isNumeric(kind) ? [name] : []))
    const values = spellValues([...AGGREGATES.map(({ name }) => name), ...names], fieldWord(dialect, collection))
    return new GraphQLEnumType({ name: TYPE_NAMES.numericFields(collection.name), values: sortedFields(values) })
  })
  const ofDocuments: Readonly<Record<Aggregate['over'], (collection: CollectionVersion) => GraphQLInputObjectType>> = {
    rows: memoize((collection: CollectionVersion) =>
      selector(`${collection.name}__CountSelector`, () => ({ ...slice, filter: { type: filters.ofCollection(collection) } })),
    ),
    numbers: memoize((collection: CollectionVersion) =>
      selector(`${collection.name}__NumericSelector`, () => ({
        ...slice,
        filter: { type: filters.ofCollection(collection) },
        order: { type: new GraphQLList(parts.orderOf(collection)) },
        field: { type: new GraphQLNonNull(numericFields(collection)) },
      })),
    ),
  }
  const ofElements: Readonly<Record<Aggregate['over'], (name: string, kind: ValueKind) => GraphQLInputObjectType>> = {
    rows: memoize((name: string, kind: ValueKind) =>
      selector(`${name}__CountSelector`, () => ({ ...slice, filter: { type: filters.ofElements(kind) } })),
    ),
    numbers: memoize((name: string, kind: ValueKind) =>
      selector(`${name}__NumericSelector`, () => ({ ...slice, filter: { type: filters.ofElements(kind) }, order: { type: ordering } })),
    ),
  }
  const ofVersions = memoize((name: string) => selector(`${name}___version__CountSelector`, () => slice))

  const argumentOf = (
    collection: CollectionVersion,
    { name, kind }: FieldDescription,
    over: Aggregate['over'],
  ): GraphQLInputType | undefined => {
    if (kind.type === 'relation') {
      const target = kind.list ? collections.named(kind.collection) : undefined
      return target === undefined ? undefined : ofDocuments[over](target)
    }
    if (kind.list === false || (over === 'numbers' && !NUMBERS.includes(kind.scalar))) return undefined
    return ofElements[over](`${collection.name}__${name}`, kind)
  }
  const onCollection = (collection: CollectionVersion): Fields =>
    Object.fromEntries(
      AGGREGATES.map(({ name, over }) => {
        const args: GraphQLFieldConfigArgumentMap = { _group: { type: ofDocuments[over](collection) } }
        if (over === 'rows') args['_version'] = { type: ofVersions(collection.name) }
        for (const field of collection.fields) {
          const type = argumentOf(collection, field, over)
          if (type !== undefined) args[field.name] = { type }
        }
        return [name, { type: resultOf(over, scalars), args: sortedFields(spell(args, fieldWord(dialect, collection))) }]
      }),
    )
  const onQuery = Object.fromEntries(
    AGGREGATES.map(({ name, over }) => {
      const args = Object.fromEntries(collections.all.map((collection) => [collection.name, { type: ofDocuments[over](collection) }]))
      return [name, { type: resultOf(over, scalars), args: sortedFields(args) }]
    }),
  )
  return { onCollection: memoize(onCollection), onQuery: spell<Fields[string]>(onQuery, rootWord(dialect, collections)) }
}

/** `_similarity`: one argument for each list of numbers without nulls. */
export function similarityField(collection: CollectionVersion, scalars: ScalarTypes): GraphQLFieldConfig<unknown, unknown> {
  const args = collection.fields.flatMap(({ name, kind }) => {
    if (kind.type === 'relation' || kind.list !== 'non-null' || !NUMBERS.includes(kind.scalar)) return []
    const vector = { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(scalars[knownValueKind(kind.scalar).scalar]))) }
    return [
      [
        name,
        { type: new GraphQLInputObjectType({ name: `${collection.name}__${name}__SimilaritySelector`, fields: { vector } }) },
      ] as const,
    ]
  })
  return { type: GraphQLFloat, args: Object.fromEntries(args) }
}

function resultOf(over: Aggregate['over'], scalars: ScalarTypes): GraphQLFieldConfig<unknown, unknown>['type'] {
  return over === 'rows' ? scalars.Int : GraphQLFloat
}

function isNumeric(kind: FieldDescription['kind']): boolean {
  return kind.type === 'value' && kind.list === false && NUMBERS.includes(kind.scalar)
}
