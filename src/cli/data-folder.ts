import { access } from 'node:fs/promises'
import { join } from 'node:path'

import { DatabaseError } from '../errors.ts'
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
