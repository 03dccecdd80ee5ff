import type { GraphQLSchema } from 'graphql'

import type { Wording } from '../dialect/wording.ts'
import type { ParsedText } from '../request/parsed-texts.ts'

/** GraphQL over one set of collections: their schema, and the parser of requests to them. */
export interface Language {
  readonly schema: GraphQLSchema
  readonly parse: (text: string) => ParsedText
  /** For what plans say, which know no dialects. */
  readonly wording: Wording
}
