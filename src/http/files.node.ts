import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'

import { DatabaseError, messageOf } from '../errors.ts'
import { writeWhole } from '../util/write-whole.node.ts'
import type { Files } from './route.ts'

/** The files of this machine. A relative path starts where the process was started. */
export const nodeFiles: Files = {
  write: async (path, pieces) => {
    const file = resolve(path)
    try {
      await writeWhole(file, pieces)
    } catch (error) {
      throw fileProblem('written', file, error)
    }
  },
  read: async function* (path) {
    const file = resolve(path)
    try {
      for await (const piece of createReadStream(file)) yield piece as Uint8Array
    } catch (error) {
      throw fileProblem('read', file, error)
    }
  },
}

function fileProblem(what: string, file: string, error: unknown): unknown {
  if (error instanceof DatabaseError) return error
  return new DatabaseError(
    'INVALID_ARGUMENT',
    `${file} cannot be ${what}: ${messageOf(error)}`,
    { argument: 'filepath', value: file },
    { cause: error },
  )
}
