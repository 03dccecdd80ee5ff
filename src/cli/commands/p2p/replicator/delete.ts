import { defineCommand, type Command } from '../../../command.ts'
import { parsePeerArgument } from '../../../peer-argument.ts'

export const deleteReplicator: Command = defineCommand({
  name: 'delete',
  summary: 'Stop replicating to a peer',
  arguments: { peer: { kind: 'one', description: 'its peer ID, or a multiaddr of it' } },
  options: { collection: { kind: 'list', short: 'c', value: 'names', description: 'names or IDs of collections (default all)' } },
  examples: ['warrendb client p2p replicator delete -c Books 12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'],
  run: async ({ options, args, connect }) => {
    const { id } = parsePeerArgument(args.peer)
    const { database } = await connect()
    await database.p2p.replicators.delete(id, options.collection.length === 0 ? {} : { collections: options.collection })
  },
})
