import type { ASTNode } from 'graphql'

import { DatabaseError } from '../errors.ts'

/** Where in a schema something is wrong: names of the type and field, and the syntax node that has the position. */
export interface SchemaPlace {
  readonly type?: string
  readonly field?: string
  readonly node?: ASTNode | undefined
}

/** The error of a wrong schema text. The message ends with the position, which editors turn into a link. */
export function schemaProblem(
  message: string,
  place: SchemaPlace,
  options: { readonly cause?: unknown } = {},
): DatabaseError<'INVALID_SCHEMA'> {
  const start = place.node?.loc?.startToken
  const position = start === undefined ? {} : { line: start.line, column: start.column }
  const suffix = start === undefined ? '' : ` (line ${start.line}, column ${start.column})`
  return new DatabaseError(
    'INVALID_SCHEMA',
    message + suffix,
    {
      ...(place.type === undefined ? {} : { type: place.type }),
      ...(place.field === undefined ? {} : { field: place.field }),
      ...position,
    },
    options,
  )
}
