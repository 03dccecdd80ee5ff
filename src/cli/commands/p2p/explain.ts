import { defineCommand, type Command } from '../../command.ts'
import { parsePeerArgument } from '../../peer-argument.ts'

export const explainPeer: Command = defineCommand({
  name: 'explain',
  summary: 'Say why a peer is connected as it is, or is not',
  description: 'Prints what is known of each step of the way to the peer, with what to try next.',
  arguments: { peer: { kind: 'one', description: 'its peer ID, a multiaddr of it, or the peer as "client p2p info" prints it' } },
  examples: ['warrendb client p2p explain 12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'],
  run: async ({ args, connect, print }) => {
    const [address] = parsePeerArgument(args.peer).addresses
    const { database } = await connect()
    await print(await database.p2p.explain(address))
  },
})
