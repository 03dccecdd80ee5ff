import type { Keyring } from '../identity/keyring.ts'
import type { Environment } from './command.ts'
import type { Config } from './config.ts'

/** Encrypts the files of the keyring; DefraDB's has the same name with its own beginning. */
export const KEYRING_SECRET = 'WARREN_KEYRING_SECRET'

/** The keyring of the root directory; `undefined` without a secret. */
export async function keyringOf(config: Config, env: Environment): Promise<Keyring | undefined> {
  const secret = env[KEYRING_SECRET] ?? ''
  if (secret === '') return undefined
  const { openKeyring } = await import('../identity/keyring.node.ts')
  return openKeyring({ folder: config['keyring.path'], secret })
}
