import { defineCommand, type Command } from '../../../command.ts'
import { parsePeerArgument } from '../../../peer-argument.ts'

export const setReplicator: Command = defineCommand({
  name: 'set',
  summary: 'Replicate collections to a peer',
  description:
    'Gives the peer what is there and every change to come, also after a restart of either side. "client p2p replicator getall" tells how it goes.',
  arguments: { peer: { kind: 'one', description: 'its peer ID, a multiaddr of it, or the peer as "client p2p info" prints it' } },
  options: { collection: { kind: 'list', short: 'c', value: 'names', description: 'names or IDs of collections (default all)' } },
  examples: [
    'warrendb client p2p replicator set -c Books 12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4',
    'warrendb client p2p replicator set /ip4/192.168.1.100/tcp/9171/p2p/12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4',
  ],
  run: async ({ options, args, connect }) => {
    const [address] = parsePeerArgument(args.peer).addresses
    const { database } = await connect()
    await database.p2p.replicators.set(address, options.collection.length === 0 ? {} : { collections: options.collection })
  },
})
