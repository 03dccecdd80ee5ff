import { defineCommand, type Command } from '../../command.ts'

export const peerInfo: Command = defineCommand({
  name: 'info',
  summary: 'Show the peer ID and addresses of the node',
  description: 'Other nodes take what it prints, or one of the addresses, in "client p2p connect" and "client p2p replicator set".',
  examples: ['warrendb client p2p info', `warrendb client p2p info | jq -r '.Addrs[0]'`],
  run: async ({ connect, print }) => {
    const { database } = await connect()
    const { id, addresses } = await database.p2p.info()
    await print({ ID: id, Addrs: addresses })
  },
})
