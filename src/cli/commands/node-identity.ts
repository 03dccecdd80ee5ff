import { defineCommand, type Command } from '../command.ts'

export const nodeIdentity: Command = defineCommand({
  name: 'node-identity',
  summary: 'Show the public identity of the node',
  description: 'Prints its public key and did:key, or null when it has no identity.',
  examples: ['warrendb client node-identity'],
  run: async ({ connect, print }) => {
    const { node } = await connect()
    const identity = await node.nodeIdentity()
    await print(identity === undefined ? null : { PublicKey: identity.publicKey, DID: identity.did })
  },
})
