import { defineCommand, type Command } from '../../command.ts'
import { parsePeerArgument } from '../../peer-argument.ts'

export const blockPeer: Command = defineCommand({
  name: 'block',
  summary: 'Block a peer',
  description:
    'Its connection ends at once, it is not dialled, not taken and told nothing, and nothing it sends is merged, also after a restart.',
  arguments: { peer: { kind: 'one', description: 'its peer ID, or a multiaddr of it' } },
  examples: ['warrendb client p2p block 12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'],
  run: async ({ args, connect }) => {
    const { id } = parsePeerArgument(args.peer)
    const { database } = await connect()
    await database.p2p.block(id)
  },
})
