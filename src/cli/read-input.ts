import { readFile } from 'node:fs/promises'

import { parseDocumentJson } from '../document/json.ts'
import { DatabaseError, isFailure, messageOf } from '../errors.ts'
import { quote } from '../util/quote.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** The text a command works on: its argument, standard input when that is `-`, or the contents of files. @throws UsageError when there is none, or two */
export async function readInput(
  terminal: Terminal,
  given: { readonly what: string; readonly argument: string | undefined; readonly files: readonly string[] },
): Promise<string> {
  const { what, argument, files } = given
  if (argument !== undefined && files.length > 0) throw new UsageError(`give ${what} as an argument or in a file, not both`)
  if (files.length > 0) return (await Promise.all(files.map((file) => readTextFile(file)))).join('\n')
  const text = argument === '-' ? await readAll(terminal) : argument
  if (text === undefined || text.trim() === '') {
    throw new UsageError(`there is no ${what}; give it as an argument, in a file with its option, or on standard input with "-"`)
  }
  return text
}

/** @throws NOT_FOUND, INVALID_ARGUMENT */
async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw fileProblem(path, error)
  }
}

/** A file of the user that cannot be read or written, as an error with a code. */
export function fileProblem(path: string, error: unknown): DatabaseError {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  if (isMissing)
    return new DatabaseError('NOT_FOUND', `there is no file or folder ${quote(path)}`, { what: 'file', id: path }, { cause: error })
  return new DatabaseError(
    'INVALID_ARGUMENT',
    `the file ${quote(path)} cannot be used: ${messageOf(error)}`,
    { argument: 'file', value: path },
    { cause: error },
  )
}

/** Reads JSON; whole numbers stay exact. @throws INVALID_DOCUMENT saying what is no JSON, and where */
export function parseJson(text: string, what: string): unknown {
  try {
    return parseDocumentJson(text)
  } catch (error) {
    if (!isFailure(error, 'INVALID_DOCUMENT')) throw error
    throw new DatabaseError('INVALID_DOCUMENT', error.message.replace('the document', what), error.details, { cause: error })
  }
}

/** Reads a JSON object. @throws INVALID_DOCUMENT */
export function parseJsonObject(text: string, what: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text, what)
  if (isObject(value)) return value
  throw new DatabaseError('INVALID_DOCUMENT', `${what} is an object such as {"name": "Ada"}, not ${quote(value)}`, { value })
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function readAll(terminal: Terminal): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of terminal.input()) text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
  return text + decoder.decode()
}
