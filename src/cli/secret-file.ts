import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'

import { messageOf } from '../errors.ts'
import type { Environment } from './command.ts'
import { UsageError } from './usage-error.ts'

/**
 * The environment with what the secret file adds to it; what is set already wins. A file that is not there adds nothing, unless somebody has asked for it; nor does a
 * folder of that name, which other programs make.
 * @throws UsageError
 */
export async function withSecrets(env: Environment, path: string, wasNamed: boolean): Promise<Environment> {
  try {
    return { ...parseEnv(await readFile(path, 'utf8')), ...env }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (!wasNamed && (code === 'ENOENT' || code === 'EISDIR')) return env
    const message = code === 'ENOENT' ? `there is no secret file "${path}"` : `the secret file cannot be read: ${messageOf(error)}`
    throw new UsageError(message, { cause: error })
  }
}
