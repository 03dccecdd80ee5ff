import { applyPatch, Pointer } from 'rfc6902'

import { patchProblem } from './patch-problem.ts'
import { DatabaseError, messageOf } from '../errors.ts'
import { quote } from '../util/quote.ts'

type Verb = 'add' | 'copy' | 'move' | 'remove' | 'replace' | 'test'

/** One operation of an RFC 6902 patch. */
export interface PatchOperation {
  readonly op: Verb
  readonly path: string
  /** Where `copy` and `move` take the value from; empty for the others. */
  readonly from: string
  /** What `add`, `replace` and `test` carry. */
  readonly value: unknown
}

/** A place in the document and the value that goes there, if any. */
export interface PatchTarget {
  readonly path: string
  readonly value: unknown
}

/**
 * Rewrites a target by what the document holds at that moment, for paths that the standard does not know; `undefined` when it leads nowhere. `isAdded`: the
 * value is new there, so the place need not exist.
 */
export type ResolveTarget = (document: unknown, target: PatchTarget, isAdded: boolean) => PatchTarget | undefined

/** The operations of a patch, given as JSON text or as the list itself. @throws INVALID_SCHEMA */
export function parseJsonPatch(patch: unknown): readonly PatchOperation[] {
  const list = typeof patch === 'string' ? parseJson(patch) : patch
  if (Array.isArray(list)) return list.map(parseOperation)
  throw patchProblem([`a patch is a list of operations, [{ "op": "add", "path": …, "value": … }], not ${quote(list)}`])
}

/**
 * Applies a patch to a copy of `document`, one operation after another: each sees what those before it made.
 *
 * @throws INVALID_SCHEMA naming the operation and its path, LIMIT_EXCEEDED
 */
export function applyJsonPatch(document: unknown, operations: readonly PatchOperation[], resolve: ResolveTarget = asGiven): unknown {
  const copy: unknown = structuredClone(document)
  const copied = { characters: 0 }
  for (const operation of operations) APPLY_BY_VERB[operation.op](copy, operation, resolve, copied)
  return copy
}

/** Of JSON, in all copies of a patch: each may double what is there, so that two dozen would fill the memory. A description has some thousand. */
const MAX_COPIED = 4 * 1024 * 1024

function copyOf(value: unknown, copied: Copied): unknown {
  copied.characters += JSON.stringify(value)?.length ?? 0
  if (copied.characters <= MAX_COPIED) return value
  const message = `the patch copies ${copied.characters.toLocaleString('en')} characters or more, allowed are ${MAX_COPIED.toLocaleString('en')}`
  throw new DatabaseError('LIMIT_EXCEEDED', message, { limit: 'copied characters', allowed: MAX_COPIED, found: copied.characters })
}

/** The parts of a JSON pointer: `/Users/Fields/0` has three. */
export function pathSegments(path: string): readonly string[] {
  return Pointer.fromJSON(path).tokens.slice(1)
}

/** The JSON pointer of these parts. */
export function pathOfSegments(segments: readonly string[]): string {
  return new Pointer(['', ...segments]).toString()
}

/** Whether two values are the same as JSON: members in any order, list items in theirs. */
export function isSameJson(a: unknown, b: unknown): boolean {
  const [error] = applyPatch(a, [{ op: 'test', path: '', value: b }])
  return error === null
}

interface Copied {
  characters: number
}

type Apply = (document: unknown, operation: PatchOperation, resolve: ResolveTarget, copied: Copied) => void

/** What each operation does. The library sets and removes; what it lets pass and the standard does not is refused before. */
const APPLY_BY_VERB: Readonly<Record<Verb, Apply>> = {
  add: (document, { op, path, value }, resolve) => put(document, op, { path, value }, resolve),
  replace: (document, { op, path, value }, resolve) => {
    const target = resolve(document, { path, value }, false)
    if (target === undefined || valueAt(document, target.path) === undefined) throw missing(op, 'key', path)
    applyPatch(document, [{ op: 'replace', ...target }])
  },
  remove: (document, { op, path }, resolve) => {
    take(document, op, path, resolve)
  },
  test: (document, { path, value }, resolve) => {
    const target = resolve(document, { path, value }, false)
    const found = target === undefined ? undefined : valueAt(document, target.path)
    if (!isSameJson(found, value)) throw patchProblem([`testing value ${path} failed: test failed`])
  },
  copy: (document, { op, path, from }, resolve, copied) =>
    put(document, op, { path, value: copyOf(find(document, op, from, resolve).value, copied) }, resolve),
  move: (document, { op, path, from }, resolve) => {
    if (path.startsWith(`${from}/`)) throw patchProblem([`${quote(from)} cannot be moved into itself, to ${quote(path)}`])
    put(document, op, { path, value: take(document, op, from, resolve) }, resolve)
  },
}

function put(document: unknown, op: Verb, given: PatchTarget, resolve: ResolveTarget): void {
  const target = resolve(document, given, true)
  if (target === undefined || !isObject(parentOf(document, target.path))) throw missing(op, 'path', given.path)
  const [error] = applyPatch(document, [{ op: 'add', ...target }])
  if (error !== null) throw missing(op, 'path', given.path)
}

function take(document: unknown, op: Verb, path: string, resolve: ResolveTarget): unknown {
  const target = find(document, op, path, resolve)
  applyPatch(document, [{ op: 'remove', path: target.path }])
  return target.value
}

function find(document: unknown, op: Verb, path: string, resolve: ResolveTarget): PatchTarget {
  const target = resolve(document, { path, value: undefined }, false)
  const value = target === undefined ? undefined : valueAt(document, target.path)
  if (target === undefined || value === undefined) throw missing(op, op === 'remove' ? 'path' : 'from path', path)
  return { path: target.path, value }
}

function asGiven(_document: unknown, target: PatchTarget): PatchTarget {
  return target
}

/** What stands at a place; what objects inherit from the language is nothing of the document. */
function valueAt(document: unknown, path: string): unknown {
  return pathSegments(path).reduce<unknown>(memberOf, document)
}

function parentOf(document: unknown, path: string): unknown {
  return pathSegments(path).slice(0, -1).reduce<unknown>(memberOf, document)
}

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(name)) return undefined
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null
}

function missing(op: Verb, what: 'path' | 'key' | 'from path', path: string): Error {
  return patchProblem([`${op} operation does not apply: doc is missing ${what}: ${quote(path)}`])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw patchProblem([`the patch is no JSON text: ${messageOf(error)}`], { cause: error })
  }
}

function parseOperation(given: unknown): PatchOperation {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw patchProblem([`an operation of a patch is an object, { "op": "add", "path": …, "value": … }, not ${quote(given)}`])
  }
  const members = new Map<string, unknown>(Object.entries(given))
  const op = members.get('op')
  if (!isVerb(op)) {
    throw patchProblem([`unexpected kind: ${String(op)}; an operation is one of ${Object.keys(APPLY_BY_VERB).join(', ')}`])
  }
  const path = parsePath(members, 'path', op)
  const from = op === 'copy' || op === 'move' ? parsePath(members, 'from', op) : ''
  const value = members.get('value')
  if ((op === 'add' || op === 'replace' || op === 'test') && value === undefined) {
    throw patchProblem([`the operation "${op}" at ${quote(path)} needs a "value"`])
  }
  return { op, path, from, value }
}

function isVerb(op: unknown): op is Verb {
  return typeof op === 'string' && Object.hasOwn(APPLY_BY_VERB, op)
}

function parsePath(members: ReadonlyMap<string, unknown>, name: 'path' | 'from', op: Verb): string {
  const path = members.get(name)
  if (typeof path === 'string' && path.startsWith('/')) return path
  throw patchProblem([`the operation "${op}" needs a "${name}" that begins with "/", such as "/Users/Fields/-", not ${quote(path)}`])
}
