import { GraphQLError } from 'graphql'

import { DatabaseError, isFailure, messageOf } from '../../errors.ts'
import type { RequestError } from '../result.ts'
import type { RequestField } from './request-field.ts'

/** A thrown value in the form in which a response has it. What is no `DatabaseError` has no code. */
export function toRequestError(error: unknown, path?: readonly (string | number)[]): RequestError {
  if (error instanceof GraphQLError) return fromGraphql(error, path)
  if (isStackOverflow(error)) return toRequestError(new DatabaseError('INVALID_REQUEST', 'the request is nested too deeply', {}), path)
  return {
    message: messageOf(error),
    ...(path === undefined ? {} : { path }),
    ...(error instanceof DatabaseError ? { extensions: extensionsOf(error) } : {}),
  }
}

/** The failure of a root field: with its path and its place in the text. */
export function toFieldError(error: unknown, field: RequestField): RequestError {
  return { ...toRequestError(error, [field.key]), ...locationsOf(field) }
}

function fromGraphql(error: GraphQLError, path: readonly (string | number)[] | undefined): RequestError {
  const where = path ?? error.path
  const cause = error.originalError
  if (isStackOverflow(cause)) return toRequestError(cause, path)
  return {
    message: error.message,
    ...(where === undefined ? {} : { path: where }),
    ...(error.locations === undefined ? {} : { locations: error.locations.map(({ line, column }) => ({ line, column })) }),
    extensions: cause instanceof DatabaseError ? extensionsOf(cause) : { code: 'INVALID_REQUEST' },
  }
}

/** Where a selected field first stands in the text. */
export function locationsOf({ nodes }: RequestField): Pick<RequestError, 'locations'> {
  const start = nodes[0]?.loc?.startToken
  return start === undefined ? {} : { locations: [{ line: start.line, column: start.column }] }
}

function extensionsOf(error: DatabaseError): NonNullable<RequestError['extensions']> {
  return { code: error.code, ...(isFailure(error, 'LIMIT_EXCEEDED') ? error.details : {}) }
}

/** Engines differ in what they throw when the call stack ends; none gives it a type. The limits of nesting come first, unless somebody raised them. */
function isStackOverflow(error: unknown): boolean {
  return (error instanceof RangeError && /stack/i.test(error.message)) || (error instanceof Error && error.name === 'InternalError')
}
