import { defineCommand, type Command } from '../../command.ts'
import { openedKeyring } from './opened-keyring.ts'

export const generateKeys: Command = defineCommand({
  name: 'generate',
  summary: 'Make the keys of a node that are missing',
  description: `Makes the key that is this node among peers and its identity, where they are missing; what is there stays. "warrendb start" does the same.`,
  options: { 'no-peer-key': { kind: 'flag', description: 'make no peer key' } },
  examples: ['WARREN_KEYRING_SECRET=… warrendb keyring generate'],
  run: async (context) => {
    const { KNOWN_KEYS, NODE_IDENTITY_KEY, PEER_KEY } = await import('../../../identity/known-keys.ts')
    const keyring = await openedKeyring(context)
    const wanted = KNOWN_KEYS.filter(({ name }) => name === NODE_IDENTITY_KEY || (name === PEER_KEY && !context.options['no-peer-key']))
    for (const { name, make } of wanted) {
      const isThere = (await keyring.get(name)) !== undefined
      if (!isThere) await keyring.set(name, make())
      context.terminal.err(isThere ? `${name} is there already\n` : `${name} was made\n`)
    }
  },
})
