import type { z } from 'zod'

import type { Database, Requests, Transaction } from '../database/database.ts'
import { DatabaseError } from '../errors.ts'
import { quote } from '../util/quote.ts'
import type { EventHub } from './event-hub.ts'
import type { OpenTransactions } from './open-transactions.ts'

/**
 * One thing that can be asked over HTTP. The table of them (`routes.ts`) is what the handler answers by, and what `/openapi.json` describes.
 *
 * - What `handle` gives is the JSON of the answer; `undefined` is an answer without a body; a `Response` is taken as it is.
 * - What it throws becomes `{ "error": message, "code", "details" }`, with the status that `status.ts` has for the code.
 * - Names inside a JSON body are compared without regard to case, as the reference does.
 */
export interface Route {
  readonly method: Method
  /** Below `/api/v0`; parameters in braces. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly parameters: readonly Parameter[]
  readonly body: Body
  /** What the answer is, for the description. */
  readonly answer: Answer
  /** Runs in the transaction that the header `x-defradb-tx` names. */
  readonly inTransaction: boolean
  handle(call: Call, body: unknown): Promise<unknown>
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export type Tag = 'graphql' | 'schema' | 'collection' | 'index' | 'transaction' | 'backup' | 'p2p' | 'block' | 'node'

export interface Parameter {
  readonly name: string
  readonly what: string
  readonly type?: 'string' | 'boolean' | 'integer'
  readonly required?: boolean
}

export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly shape: z.ZodType }
  | { readonly kind: 'text'; readonly what: string }
  /** Read by the route as it comes. */
  | { readonly kind: 'stream'; readonly what: string }

export type Answer =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly shape: z.ZodType }
  | { readonly kind: 'text' | 'events'; readonly what: string }

/** The node that is asked. */
export interface HttpNode {
  /** The database as it is now: a purge replaces it. */
  database(): Database
  readonly identity?: NodeIdentity
  /** Files of this machine, for backups; absent where there are none. */
  readonly files?: Files
  /** Deletes everything and opens the database anew; absent where that is not allowed. */
  readonly purge?: () => Promise<void>
}

export interface NodeIdentity {
  /** Hex. */
  readonly PublicKey: string
  readonly DID: string
}

export interface Files {
  /** Writes a file, whole or not at all. */
  write(path: string, pieces: AsyncIterable<string>): Promise<void>
  read(path: string): AsyncIterable<Uint8Array>
}

/** One request, as its route sees it. */
export interface Call {
  readonly node: HttpNode
  readonly database: Database
  /** The database, or the transaction that the request names. */
  readonly requests: Requests
  readonly transaction: Transaction | undefined
  readonly transactions: OpenTransactions
  readonly hub: EventHub
  readonly request: Request
  /** Fires when the client is gone, and when the server stops. */
  readonly signal: AbortSignal
  /** A part of the path. */
  path(name: string): string
  query(name: string): string | undefined
}

interface RouteParts<Shape extends z.ZodType> {
  readonly method: Method
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  readonly answer?: z.ZodType | Exclude<Answer, { kind: 'json' }>
  readonly inTransaction?: boolean
  readonly body?: Shape
  handle(call: Call, body: z.infer<Shape>): Promise<unknown>
}

/** A route with a JSON body of this shape, or with none. */
export function route<Shape extends z.ZodType = z.ZodUndefined>(parts: RouteParts<Shape>): Route {
  const { body: shape, handle } = parts
  const body: Body = shape === undefined ? { kind: 'none' } : { kind: 'json', shape }
  return {
    ...describedOf(parts),
    body,
    handle: (call, given) => handle(call, shape === undefined ? (undefined as z.infer<Shape>) : parseBody(shape, given)),
  }
}

/** A route whose body is text, or is read as it comes. */
export function textRoute(
  parts: Omit<RouteParts<z.ZodString>, 'body'> & { readonly body: Extract<Body, { readonly what: string }> },
): Route {
  const { body, handle } = parts
  return { ...describedOf(parts), body, handle: (call, given) => handle(call, typeof given === 'string' ? given : '') }
}

function describedOf(parts: Omit<RouteParts<z.ZodType>, 'body' | 'handle'>): Omit<Route, 'body' | 'handle'> {
  const { method, path, tag, summary, parameters = [], inTransaction = false, answer = { kind: 'empty' } } = parts
  return { method, path, tag, summary, parameters, inTransaction, answer: 'kind' in answer ? answer : { kind: 'json', shape: answer } }
}

/** @throws INVALID_ARGUMENT that names each member that does not fit */
function parseBody<Shape extends z.ZodType>(shape: Shape, given: unknown): z.infer<Shape> {
  const result = shape.safeParse(asNamed(shape, given))
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  throw new DatabaseError('INVALID_ARGUMENT', `the body does not fit: ${faults.join('; ')}`, { argument: 'body', value: quote(given) })
}

/** The members of an object under the names that its shape has for them. */
function asNamed(shape: z.ZodType, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || !('shape' in shape)) return given
  const known = new Map(Object.keys(shape.shape as object).map((name) => [name.toLowerCase(), name]))
  return Object.fromEntries(Object.entries(given).map(([name, value]: [string, unknown]) => [known.get(name.toLowerCase()) ?? name, value]))
}

/** A query parameter that is `true`, also when it stands alone. @throws INVALID_ARGUMENT */
export function flag(call: Pick<Call, 'query'>, name: string): boolean {
  const given = call.query(name)
  if (given === undefined || given === 'false') return false
  if (given === 'true' || given === '') return true
  throw new DatabaseError('INVALID_ARGUMENT', `the query parameter ${name} is ${quote(given)}; it can be true or false`, {
    argument: name,
    value: given,
  })
}
