import { defineCommand, type Command } from '../../command.ts'
import { parsePeerArgument } from '../../peer-argument.ts'

export const unblockPeer: Command = defineCommand({
  name: 'unblock',
  summary: 'Block a peer no more',
  arguments: { peer: { kind: 'one', description: 'its peer ID, or a multiaddr of it' } },
  examples: ['warrendb client p2p unblock 12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'],
  run: async ({ args, connect }) => {
    const { id } = parsePeerArgument(args.peer)
    const { database } = await connect()
    await database.p2p.unblock(id)
  },
})
