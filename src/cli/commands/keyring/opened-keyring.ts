import type { Keyring } from '../../../identity/keyring.ts'
import type { CommandContext } from '../../command.ts'
import { KEYRING_SECRET, keyringOf } from '../../keyring.ts'
import { UsageError } from '../../usage-error.ts'

/** The keyring that the settings name. @throws UsageError without a secret, and where there is to be none */
export async function openedKeyring({ config, env }: Pick<CommandContext, 'config' | 'env'>): Promise<Keyring> {
  if (config['keyring.disabled']) throw new UsageError('there is no keyring: it is switched off, by --no-keyring or in the settings')
  const keyring = await keyringOf(config, env)
  if (keyring !== undefined) return keyring
  throw new UsageError(`missing keyring secret: set ${KEYRING_SECRET}, in the environment or in the secret file (.env, or --secret-file)`)
}
