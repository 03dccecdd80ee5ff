import { DatabaseError, isFailure, messageOf, type ErrorCode, type ErrorDetails } from '../errors.ts'
import { STATUS_BY_CODE } from './status.ts'

/** An error as the API tells it. What is no `DatabaseError` is a fault of the server and has no code. */
export interface ErrorJson {
  readonly error: string
  readonly code?: ErrorCode
  readonly details?: object
}

export function errorToJson(error: unknown): ErrorJson {
  return isFailure(error) ? { error: error.message, code: error.code, details: error.details } : { error: messageOf(error) }
}

/** The error that a server has told, as it was thrown there. */
export function errorFromJson(given: unknown, status: number, url: string): DatabaseError {
  const { error, code, details } = membersOf(given)
  const message = typeof error === 'string' && error !== '' ? error : `${url} answered with the status ${status}`
  const known = isCode(code) ? code : codeOfStatus(status)
  // The details come with the code, from a server that made them for it.
  return new DatabaseError(known, message, (typeof details === 'object' && details !== null ? details : {}) as ErrorDetails[ErrorCode])
}

function membersOf(given: unknown): { readonly error?: unknown; readonly code?: unknown; readonly details?: unknown } {
  return typeof given === 'object' && given !== null ? given : {}
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(STATUS_BY_CODE, code)
}

/** For servers that send no codes. */
function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return 'NOT_FOUND'
  return status >= 500 ? 'STORAGE_FAILED' : 'INVALID_REQUEST'
}
