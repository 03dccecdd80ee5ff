import type { DialectName } from './dialect-name.ts'

/**
 * The GraphQL types that are made for a collection beside the one with its own name. The query layer makes them, the schema layer keeps their names free.
 * Names with two underscores inside (`Users__CountSelector`) belong to generated types as a whole.
 */
export const TYPE_NAMES = {
  filter: (collection: string): string => `${collection}FilterArg`,
  order: (collection: string): string => `${collection}OrderArg`,
  fields: (collection: string): string => `${collection}Field`,
  numericFields: (collection: string): string => `${collection}NumericFieldsArg`,
  input: (collection: string): string => `${collection}MutationInputArg`,
} as const

/** Names of GraphQL itself, of the scalars, of the types that are there whatever the collections, and of the root fields beside theirs. */
const RESERVED_TYPE_NAMES: ReadonlySet<string> = new Set(
  [
    ['Query', 'Mutation', 'Subscription', 'Self'],
    ['ID', 'Boolean', 'Int', 'Float', 'Float32', 'Float64', 'String', 'DateTime', 'Blob', 'JSON'],
    ['Commit', 'CommitLink', 'CommitSignature', 'CommitsOrderArg', 'commitFields', 'CommitCountFieldArg', 'Ordering', 'ExplainType'],
    ['commits', 'latestCommits'],
  ].flat(),
)

/** Field names that mean something of their own in documents, filters or enums. */
export const RESERVED_FIELD_NAMES: ReadonlySet<string> = new Set(
  [
    ['_docID', '_deleted', '_version', '_group', '_similarity'],
    ['_count', '_sum', '_avg', '_min', '_max'],
    ['_and', '_or', '_not', '_alias'],
    ['true', 'false', 'null'],
  ].flat(),
)

/** What a dialect calls some of these. A collection from elsewhere may have a field of that name all the same; requests then use the names above. */
const RESERVED_IN_DIALECT: Readonly<Record<DialectName, readonly string[]>> = {
  '0.19': [],
  '1.0': ['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'GROUP'],
}

/** Whether a schema text of this dialect cannot give a field this name. */
export function isReservedFieldName(name: string, dialect: DialectName): boolean {
  return RESERVED_FIELD_NAMES.has(name) || name.startsWith('__') || RESERVED_IN_DIALECT[dialect].includes(name)
}

/** Why a collection cannot have this name beside `others`, or `undefined` when it can. */
export function typeNameProblem(name: string, others: readonly string[]): string | undefined {
  if (RESERVED_TYPE_NAMES.has(name)) return 'is a name of the database itself'
  if (name.includes('__')) return 'has two underscores in a row, which are kept for generated types'
  const owner = others.find((other) => Object.values(TYPE_NAMES).some((derive) => derive(other) === name || derive(name) === other))
  return owner === undefined ? undefined : `collides with a type that is generated for "${owner}"`
}
