/** What each error code carries. One line a code; the map is closed, so a switch over `code` can be exhaustive. */
export interface ErrorDetails {
  /** The schema text is wrong, or asks for something that does not exist. */
  INVALID_SCHEMA: { readonly type?: string; readonly field?: string; readonly line?: number; readonly column?: number }
  /** A GraphQL request is wrong. */
  INVALID_REQUEST: { readonly path?: readonly (string | number)[]; readonly line?: number; readonly column?: number }
  /** More is asked for than may be. For requests `queryLimits` of the database says how much. */
  LIMIT_EXCEEDED: { readonly limit: string; readonly allowed: number; readonly found: number }
  /** A document or a patch does not fit its collection. */
  INVALID_DOCUMENT: { readonly collection?: string; readonly field?: string; readonly value?: unknown }
  /** An option or an argument is wrong. */
  INVALID_ARGUMENT: { readonly argument: string; readonly value?: unknown }
  /** A multiaddr, peer ID or relay address is wrong. */
  INVALID_ADDRESS: { readonly address: string }
  /** A collection, document, block or peer that is named does not exist. */
  NOT_FOUND: { readonly what: string; readonly id: string }
  /** What is to be created exists already. */
  ALREADY_EXISTS: { readonly what: string; readonly id: string }
  /** Another document has the values that a unique index keeps to one. */
  NOT_UNIQUE: { readonly collection: string; readonly index: string; readonly docID: string; readonly other: string }
  /** What a transaction read has changed before it could commit. */
  CONFLICT: { readonly key?: string }
  /** The database is held by another owner: a tab, a process or this very page. */
  IN_USE: { readonly name: string }
  /** The storage has no room; nothing of the write was kept. */
  STORAGE_FULL: { readonly used?: number; readonly quota?: number }
  /** The storage failed for another reason; nothing of the write was kept. */
  STORAGE_FAILED: { readonly operation: string }
  /** This environment has no persistent storage, such as a private window without IndexedDB. */
  STORAGE_UNAVAILABLE: { readonly reason: string }
  /** Stored or received bytes are not what they claim to be. */
  CORRUPT_DATA: { readonly what: string }
  /** A block is not signed by the key that was named. */
  INVALID_SIGNATURE: { readonly cid: string }
  /** A key in the keyring does not open with the secret that was given: it is another secret, or the file is damaged. */
  KEY_UNREADABLE: { readonly name: string; readonly file: string }
  /** A message of a peer broke the protocol or a limit. */
  INVALID_MESSAGE: { readonly what: string; readonly limit?: number }
  /** It is not for this caller, or not on this node. */
  FORBIDDEN: { readonly what: string }
  /** A peer or a node could not be reached. */
  UNREACHABLE: { readonly peer: string }
  /** The vector of an `@embedding` could not be made; nothing of the write was kept. */
  EMBEDDING_FAILED: {
    readonly collection: string
    readonly field: string
    readonly provider: string
    readonly model: string
    readonly url?: string
  }
  /** The database, store or host was closed. */
  CLOSED: { readonly what: string }
  /** The caller's signal fired. */
  ABORTED: { readonly operation: string }
  /** A time limit passed. */
  TIMEOUT: { readonly operation: string; readonly milliseconds: number }
  /** The feature does not exist (yet, or in this environment). */
  UNSUPPORTED: { readonly feature: string }
}

export type ErrorCode = keyof ErrorDetails

/** The one error class of WarrenDB. `code` says what happened, `details` names the thing, `message` suggests the fix. */
export class DatabaseError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'DatabaseError'
  readonly code: Code
  readonly details: ErrorDetails[Code]

  constructor(code: Code, message: string, details: ErrorDetails[Code], options: { readonly cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.details = details
  }
}

type Failure = { readonly [Code in ErrorCode]: DatabaseError<Code> & { readonly code: Code } }[ErrorCode]

/** Narrows an unknown to a `DatabaseError` with its typed details; `isFailure(error, 'NOT_FOUND')` to one code. */
export function isFailure(error: unknown): error is Failure
export function isFailure<Code extends ErrorCode>(error: unknown, code: Code): error is Extract<Failure, { code: Code }>
export function isFailure(error: unknown, code?: ErrorCode): boolean {
  return error instanceof DatabaseError && (code === undefined || error.code === code)
}

/** The text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** @throws ABORTED when `signal` has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted === true) {
    throw new DatabaseError('ABORTED', `${operation} was aborted`, { operation }, { cause: signal.reason })
  }
}
