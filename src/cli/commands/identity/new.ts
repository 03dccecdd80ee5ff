import { KEY_TYPE_NAMES, parseKeyType } from '../../../identity/key-type.ts'
import { bytesToHex } from '../../../util/bytes.ts'
import { defineCommand, type Command } from '../../command.ts'

export const newIdentity: Command = defineCommand({
  name: 'new',
  summary: 'Make an identity',
  description: 'Makes a key pair and prints it. Nothing is kept: the private key is in your hands alone.',
  options: {
    type: { kind: 'text', value: 'type', choices: KEY_TYPE_NAMES, description: `the type of the key (default ${KEY_TYPE_NAMES[0]})` },
  },
  examples: ['warrendb identity new', 'warrendb identity new --type ed25519'],
  run: async ({ options, print }) => {
    const { newKeyPair } = await import('../../../identity/key-pair.ts')
    const { type, privateKey, publicKey, did } = newKeyPair(parseKeyType(options.type ?? KEY_TYPE_NAMES[0]))
    await print({ PrivateKey: bytesToHex(privateKey), PublicKey: bytesToHex(publicKey), DID: did, KeyType: type })
  },
})
