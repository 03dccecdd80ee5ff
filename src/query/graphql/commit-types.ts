import {
  GraphQLEnumType,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
} from 'graphql'

import type { QueryCollections } from '../collections.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { spell } from '../dialect/spell.ts'
import { commitWord, linkWord, rootWord } from '../dialect/words.ts'
import type { ScalarTypes } from './scalar-types.ts'
import { sortedFields } from './sorted-fields.ts'

type Fields = Record<string, GraphQLFieldConfig<unknown, unknown>>

/** The types of commits, which are the same whatever the collections. */
export interface CommitTypes {
  readonly commit: GraphQLObjectType
  /** Root fields on commits. */
  readonly queries: Fields
}

/** What commits can be grouped and ordered by. */
export const COMMIT_KEYS = ['height', 'cid', 'docID', 'fieldName'] as const

export function createCommitTypes(
  collections: QueryCollections,
  scalars: ScalarTypes,
  ordering: GraphQLEnumType,
  dialect: Dialect,
): CommitTypes {
  const link = new GraphQLObjectType({
    name: 'CommitLink',
    description: 'Another commit that a commit builds on (`_head`) or contains (the name of the field).',
    fields: spell<GraphQLFieldConfig<unknown, unknown>>({ cid: { type: GraphQLString }, name: { type: GraphQLString } }, linkWord(dialect)),
  })
  const signature = new GraphQLObjectType({
    name: 'CommitSignature',
    description: 'Who signed a commit: kind of key, public key, signature.',
    fields: { type: { type: GraphQLString }, identity: { type: GraphQLString }, value: { type: GraphQLString } },
  })
  const keys = new GraphQLEnumType({ name: 'commitFields', values: Object.fromEntries(COMMIT_KEYS.map((key) => [key, {}])) })
  const countable = new GraphQLEnumType({ name: 'CommitCountFieldArg', values: { links: {} } })
  const order = new GraphQLInputObjectType({
    name: 'CommitsOrderArg',
    fields: { height: { type: ordering }, cid: { type: ordering }, docID: { type: ordering } },
  })
  const slice: GraphQLFieldConfigArgumentMap = {
    limit: { type: scalars.Int },
    offset: { type: scalars.Int },
    order: { type: new GraphQLList(order) },
  }
  const groupBy = { type: new GraphQLList(new GraphQLNonNull(keys)) }
  const commit: GraphQLObjectType = new GraphQLObjectType({
    name: 'Commit',
    description:
      'A block of history: a document as a whole (field name `_C`), one of its fields, or a branchable collection (no field name).',
    fields: () =>
      sortedFields(
        spell<GraphQLFieldConfig<unknown, unknown>>(
          {
            cid: { type: GraphQLString },
            height: { type: scalars.Int },
            docID: { type: GraphQLString },
            fieldName: { type: GraphQLString },
            schemaVersionId: { type: GraphQLString },
            delta: { type: GraphQLString, description: 'The change of a field as base64 of its CBOR.' },
            links: { type: new GraphQLList(link) },
            signature: { type: signature },
            _count: { type: scalars.Int, args: { field: { type: countable } } },
            _group: { type: new GraphQLList(commit), args: { ...slice, groupBy } },
          },
          commitWord(dialect),
        ),
      ),
  })
  return {
    commit,
    queries: spell<GraphQLFieldConfig<unknown, unknown>>(
      {
        commits: {
          type: new GraphQLList(commit),
          args: {
            cid: { type: GraphQLID },
            docID: { type: GraphQLID },
            fieldName: { type: GraphQLString },
            depth: { type: scalars.Int },
            groupBy,
            ...slice,
          },
        },
        latestCommits: {
          type: new GraphQLList(commit),
          args: { docID: { type: new GraphQLNonNull(GraphQLID) }, fieldName: { type: GraphQLString } },
        },
      },
      rootWord(dialect, collections),
    ),
  }
}
