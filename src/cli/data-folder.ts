import { access } from 'node:fs/promises'
import { join } from 'node:path'

import { DatabaseError, isFailure } from '../errors.ts'
import type { Config } from './config.ts'

/** Where a node keeps its database, in its root directory. */
export function dataFolder({ rootdir }: Pick<Config, 'rootdir'>): string {
  return join(rootdir, 'data')
}

/** The same, when there is one: to look at a database must not make it. @throws NOT_FOUND */
export async function existingDataFolder(config: Pick<Config, 'rootdir'>): Promise<string> {
  const folder = dataFolder(config)
  try {
    await access(folder)
  } catch (error) {
    const message = `there is no database in "${config.rootdir}"; "warrendb start" makes one, and --rootdir names another directory`
    throw new DatabaseError('NOT_FOUND', message, { what: 'database', id: folder }, { cause: error })
  }
  return folder
}

/** The same database, or what keeps it from being opened with what helps on the command line. @throws IN_USE and whatever else it threw */
export async function openedHere<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (error) {
    if (!isFailure(error, 'IN_USE')) throw error
    const message = error.message.replace(/: close it there.*$/, ': stop it there, or name another root directory with --rootdir')
    throw new DatabaseError('IN_USE', message, error.details, { cause: error })
  }
}
