import type { GraphQLSchema } from 'graphql'

import { DIALECT_NAMES } from '../../schema/dialect-name.ts'
import { DIALECTS, type Dialect } from './dialect.ts'

const DIALECT = 'dialect'

/** Says in a GraphQL schema which dialect it is spelled in. */
export function spokenIn({ name }: Dialect): Readonly<Record<string, unknown>> {
  return { [DIALECT]: name }
}

/** The dialect a GraphQL schema is spelled in. */
export function dialectOf({ extensions }: GraphQLSchema): Dialect {
  const name = DIALECT_NAMES.find((known) => known === extensions[DIALECT])
  return DIALECTS[name ?? '0.19']
}
