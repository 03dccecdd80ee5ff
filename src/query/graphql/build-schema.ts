import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  specifiedDirectives,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql'

import type { CollectionVersion, FieldDescription } from '../../schema/collection-version.ts'
import type { ValueKind } from '../../schema/kinds.ts'
import { TYPE_NAMES } from '../../schema/type-names.ts'
import { memoize } from '../../util/memoize.ts'
import type { QueryCollections } from '../collections.ts'
import { createExplainDirective } from '../explain/directive.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { spell, spellValues } from '../dialect/spell.ts'
import { spokenIn } from '../dialect/spoken-in.ts'
import { fieldWord, mutationWord } from '../dialect/words.ts'
import { createAggregateTypes, similarityField } from './aggregate-types.ts'
import { createCommitTypes } from './commit-types.ts'
import { createFilterTypes } from './filter-types.ts'
import { createScalarTypes, type ScalarTypes } from './scalar-types.ts'
import { sortedFields } from './sorted-fields.ts'

type Fields = Record<string, GraphQLFieldConfig<unknown, unknown>>

/** The GraphQL schema of these collections, in DefraDB's naming as the dialect has it. Types have no resolvers: requests are planned by the engine, not by graphql-js. */
export function buildSchema(collections: QueryCollections, dialect: Dialect): GraphQLSchema {
  const scalars = createScalarTypes()
  const ordering = new GraphQLEnumType({ name: 'Ordering', values: { ASC: {}, DESC: {} } })
  const filters = createFilterTypes(collections, scalars, dialect)
  const orderOf = createOrderTypes(collections, scalars, ordering, dialect)
  const aggregates = createAggregateTypes(collections, { scalars, filters, ordering, orderOf, dialect })
  const commits = createCommitTypes(collections, scalars, ordering, dialect)
  const listOfIds = new GraphQLList(new GraphQLNonNull(scalars.ID))

  const fieldsOf = memoize((collection: CollectionVersion): GraphQLEnumType => {
    const names = [...collection.fields.map(({ name }) => name), '_deleted', '_version', '_group']
    return new GraphQLEnumType({
      name: TYPE_NAMES.fields(collection.name),
      values: sortedFields(spellValues(names, fieldWord(dialect, collection))),
    })
  })
  const selecting = (collection: CollectionVersion): GraphQLFieldConfigArgumentMap => ({
    docID: { type: listOfIds },
    filter: { type: filters.ofCollection(collection) },
    groupBy: { type: new GraphQLList(new GraphQLNonNull(fieldsOf(collection))) },
    limit: { type: scalars.Int },
    offset: { type: scalars.Int },
    order: { type: new GraphQLList(orderOf(collection)) },
  })
  const objectOf = memoize((collection: CollectionVersion): GraphQLObjectType => {
    const self: GraphQLObjectType = new GraphQLObjectType({
      name: collection.name,
      fields: () => {
        const fields: Fields = {
          ...aggregates.onCollection(collection),
          _deleted: { type: scalars.Boolean },
          _version: { type: new GraphQLList(commits.commit) },
          _group: { type: new GraphQLList(self), args: selecting(collection) },
          _similarity: similarityField(collection, scalars),
        }
        for (const { name, kind } of collection.fields) {
          const target = kind.type === 'relation' ? collections.named(kind.collection) : undefined
          if (kind.type === 'value') fields[name] = { type: valueType(kind, scalars) }
          else if (target !== undefined) {
            fields[name] = kind.list ? { type: new GraphQLList(objectOf(target)), args: selecting(target) } : { type: objectOf(target) }
          }
        }
        return sortedFields(spell(fields, fieldWord(dialect, collection)))
      },
    })
    return self
  })
  const inputOf = memoize((collection: CollectionVersion): GraphQLInputObjectType => createInputType(collection, scalars, dialect))

  const query: Fields = { ...commits.queries, ...aggregates.onQuery }
  const mutation: Fields = {}
  const subscription: Fields = {}
  for (const collection of collections.all) {
    const documents = { type: new GraphQLList(objectOf(collection)) }
    const filter = { type: filters.ofCollection(collection) }
    const input = { type: inputOf(collection) }
    query[collection.name] = {
      ...documents,
      args: { ...selecting(collection), cid: { type: scalars.ID }, showDeleted: { type: scalars.Boolean } },
    }
    subscription[collection.name] = { ...documents, args: { docID: { type: listOfIds }, filter } }
    mutation[`create_${collection.name}`] = {
      ...documents,
      args: {
        input: { type: new GraphQLList(new GraphQLNonNull(inputOf(collection))) },
        encrypt: { type: scalars.Boolean },
        encryptFields: { type: new GraphQLList(new GraphQLNonNull(fieldsOf(collection))) },
      },
    }
    mutation[`update_${collection.name}`] = { ...documents, args: { docID: { type: listOfIds }, filter, input } }
    mutation[`delete_${collection.name}`] = { ...documents, args: { docID: { type: listOfIds }, filter } }
    mutation[`upsert_${collection.name}`] = {
      ...documents,
      args: { filter: { type: required(filter.type) }, create: { type: required(input.type) }, update: { type: required(input.type) } },
    }
  }
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: () => sortedFields(query) }),
    ...(collections.all.length === 0
      ? {}
      : {
          mutation: new GraphQLObjectType({ name: 'Mutation', fields: () => sortedFields(spell(mutation, mutationWord(dialect))) }),
          subscription: new GraphQLObjectType({ name: 'Subscription', fields: () => sortedFields(subscription) }),
        }),
    types: Object.values(scalars),
    directives: [...specifiedDirectives, createExplainDirective()],
    extensions: spokenIn(dialect),
    // A collection without fields has an input type without fields, which the specification forbids and nobody minds.
    assumeValid: true,
  })
}

/** `UsersOrderArg`: a direction for every single value, and the same for single relations. */
function createOrderTypes(
  collections: QueryCollections,
  scalars: ScalarTypes,
  ordering: GraphQLEnumType,
  dialect: Dialect,
): (collection: CollectionVersion) => GraphQLInputType {
  const orderOf = memoize((collection: CollectionVersion): GraphQLInputType => {
    return new GraphQLInputObjectType({
      name: TYPE_NAMES.order(collection.name),
      fields: () => {
        const fields: Record<string, GraphQLInputFieldConfig> = { _alias: { type: scalars.JSON } }
        for (const { name, kind } of collection.fields) {
          if (kind.list !== false) continue
          const target = kind.type === 'relation' ? collections.named(kind.collection) : undefined
          if (kind.type === 'value') fields[name] = { type: ordering }
          else if (target !== undefined) fields[name] = { type: orderOf(target) }
        }
        return sortedFields(spell(fields, fieldWord(dialect, collection)))
      },
    })
  })
  return orderOf
}

/** `UsersMutationInputArg`: what can be written. A relation is given as `x` or `x_id`, on the side that stores it. */
function createInputType(collection: CollectionVersion, scalars: ScalarTypes, dialect: Dialect): GraphQLInputObjectType {
  const fields = collection.fields.flatMap((field) => {
    if (field.name === '_docID' || (field.relationName !== undefined && field.isPrimary !== true)) return []
    return [[field.name, { type: inputTypeOf(field, scalars) }] as const]
  })
  return new GraphQLInputObjectType({
    name: TYPE_NAMES.input(collection.name),
    fields: sortedFields(spell<GraphQLInputFieldConfig>(Object.fromEntries(fields), fieldWord(dialect, collection))),
  })
}

function inputTypeOf({ kind }: FieldDescription, scalars: ScalarTypes): GraphQLInputType {
  if (kind.type === 'relation') return scalars.ID
  const type = scalars[kind.scalar]
  if (kind.list === false) return type
  return new GraphQLList(kind.list === 'non-null' ? new GraphQLNonNull(type) : type)
}

function valueType(kind: ValueKind, scalars: ScalarTypes): GraphQLOutputType {
  const type = scalars[kind.scalar]
  if (kind.list === false) return type
  return new GraphQLList(kind.list === 'non-null' ? new GraphQLNonNull(type) : type)
}

function required(type: GraphQLInputObjectType): GraphQLNonNull<GraphQLInputObjectType> {
  return new GraphQLNonNull(type)
}
