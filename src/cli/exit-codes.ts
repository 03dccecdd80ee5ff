import { isFailure, type ErrorCode } from '../errors.ts'
import { UsageError } from './usage-error.ts'

/** What the exit code of a command says. Scripts rely on it. */
export const EXIT_CODES = {
  ok: 0,
  /** None of the following. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was tried. */
  usage: 2,
  /** The node, or a peer it was to reach, does not answer. */
  unreachable: 3,
  /** What is named does not exist. */
  notFound: 4,
  /** What was given is refused: a document, schema, request, address. */
  refused: 5,
  /** It is in the way of something else: another transaction, a document with the same values, another owner. */
  conflict: 6,
  timeout: 7,
  /** The storage failed or is full. */
  storage: 8,
  /** Bytes are not what they claim to be: a signature, a message, a block. */
  corrupt: 9,
  /** Ctrl-C, as a shell has it. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

const EXIT_CODE_BY_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  INVALID_SCHEMA: EXIT_CODES.refused,
  INVALID_REQUEST: EXIT_CODES.refused,
  LIMIT_EXCEEDED: EXIT_CODES.refused,
  INVALID_DOCUMENT: EXIT_CODES.refused,
  INVALID_ARGUMENT: EXIT_CODES.refused,
  INVALID_ADDRESS: EXIT_CODES.refused,
  NOT_FOUND: EXIT_CODES.notFound,
  ALREADY_EXISTS: EXIT_CODES.conflict,
  NOT_UNIQUE: EXIT_CODES.conflict,
  CONFLICT: EXIT_CODES.conflict,
  IN_USE: EXIT_CODES.conflict,
  STORAGE_FULL: EXIT_CODES.storage,
  STORAGE_FAILED: EXIT_CODES.storage,
  STORAGE_UNAVAILABLE: EXIT_CODES.storage,
  CORRUPT_DATA: EXIT_CODES.corrupt,
  INVALID_SIGNATURE: EXIT_CODES.corrupt,
  INVALID_MESSAGE: EXIT_CODES.corrupt,
  KEY_UNREADABLE: EXIT_CODES.refused,
  FORBIDDEN: EXIT_CODES.refused,
  UNREACHABLE: EXIT_CODES.unreachable,
  CLOSED: EXIT_CODES.unreachable,
  EMBEDDING_FAILED: EXIT_CODES.failed,
  UNSUPPORTED: EXIT_CODES.failed,
  ABORTED: EXIT_CODES.interrupted,
  TIMEOUT: EXIT_CODES.timeout,
}

/** The exit code of a command that threw. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT_CODES.usage
  return isFailure(error) ? EXIT_CODE_BY_ERROR[error.code] : EXIT_CODES.failed
}

/** The exit code for the `code` of a GraphQL error; without a known one the request was refused. */
export function exitCodeOfRequest(code: string | undefined): ExitCode {
  const known = Object.entries(EXIT_CODE_BY_ERROR).find(([name]) => name === code)
  return known?.[1] ?? EXIT_CODES.refused
}
