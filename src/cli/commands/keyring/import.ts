import { parseSecretHex } from '../../../identity/secret-hex.ts'
import { defineCommand, type Command } from '../../command.ts'
import { readInput } from '../../read-input.ts'
import { openedKeyring } from './opened-keyring.ts'

export const importKey: Command = defineCommand({
  name: 'import',
  summary: 'Put a key into the keyring',
  description:
    'A key of this name that is there already is replaced. On standard input the key stands in no list of processes and in no history of the shell.',
  arguments: {
    name: { kind: 'one', description: 'such as peer-key, node-identity-key or encryption-key' },
    key: { kind: 'one', description: 'the private key in hex, or - for standard input' },
  },
  examples: ['cat key.hex | warrendb keyring import node-identity-key -'],
  run: async (context) => {
    const { args, terminal } = context
    const text = await readInput(terminal, { what: 'private key', argument: args.key, files: [] })
    const { checkKnownKey } = await import('../../../identity/known-keys.ts')
    const key = parseSecretHex(text.trim(), 'private key')
    checkKnownKey(args.name, key)
    const keyring = await openedKeyring(context)
    await keyring.set(args.name, key)
  },
})
