import { readFile } from 'node:fs/promises'

import { DatabaseError, isFailure, messageOf } from '../src/errors.ts'
import { parsePeerId } from '../src/network/addresses.ts'
import type { Log } from './tally.ts'
import { watchFiles } from './watch-files.ts'

/** The peers that may connect. */
export interface AllowList {
  isAllowed(peer: string): boolean
  /** Calls `listener` when somebody may have lost his place. */
  onChange(listener: () => void): void
  close(): void
}

export interface AllowOptions {
  readonly peers: readonly string[] | undefined
  /** Path of a file with one peer ID a line; empty lines and what follows a `#` do not count. */
  readonly file: string | undefined
}

/** Without peers and file everybody is allowed. @throws INVALID_ADDRESS, and INVALID_ARGUMENT for a file that cannot be read */
export async function createAllowList({ peers, file }: AllowOptions, log: Log): Promise<AllowList> {
  if (peers === undefined && file === undefined) return { isAllowed: () => true, onChange: () => {}, close: () => {} }
  const always = (peers ?? []).map(parsePeerId)
  let allowed: ReadonlySet<string> = new Set([...always, ...(file === undefined ? [] : await readList(file))])
  let tell = (): void => {}

  async function readAgain(path: string): Promise<void> {
    try {
      allowed = new Set([...always, ...(await readList(path))])
      log('info', `the allow-list has changed: ${allowed.size} peers`)
      tell()
    } catch (error) {
      // A file that is half written, or gone for a moment, must not let anybody in, and shuts nobody out.
      log('error', `the allow-list stays as it was: ${messageOf(error)}`)
    }
  }

  const stop = file === undefined ? () => {} : watchFiles([file], () => void readAgain(file))
  return {
    isAllowed: (peer) => allowed.has(peer),
    onChange: (listener) => {
      tell = listener
    },
    close: stop,
  }
}

async function readList(path: string): Promise<readonly string[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const advice = `the allow-list "${path}" cannot be read: ${messageOf(error)}; give the path of a file with one peer ID a line`
    throw new DatabaseError('INVALID_ARGUMENT', advice, { argument: 'allowFile', value: path }, { cause: error })
  }
  return text.split(/\r?\n/).flatMap((line, index) => {
    const id = line.replace(/#.*/, '').trim()
    if (id === '') return []
    try {
      return [parsePeerId(id)]
    } catch (error) {
      if (!isFailure(error)) throw error
      throw new DatabaseError('INVALID_ARGUMENT', `line ${index + 1} of "${path}": ${error.message}`, { argument: 'allowFile', value: id })
    }
  })
}
