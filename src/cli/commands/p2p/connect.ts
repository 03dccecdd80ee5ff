import { DatabaseError, isFailure } from '../../../errors.ts'
import { quote } from '../../../util/quote.ts'
import { defineCommand, type Command } from '../../command.ts'
import { parsePeerArgument } from '../../peer-argument.ts'

export const connectPeer: Command = defineCommand({
  name: 'connect',
  summary: 'Connect to a peer, or take an invitation',
  description:
    'Of several addresses the first that leads there is taken. An invitation, as "client p2p invite" prints it or as a link, adds its types and relays and subscribes to its collections.',
  arguments: { peer: { kind: 'one', description: 'a multiaddr, the peer as "client p2p info" prints it, or an invitation in quotes' } },
  examples: [
    'warrendb client p2p connect /ip4/192.168.1.100/tcp/9171/p2p/12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4',
    "warrendb client p2p connect '#invite=AQFn…'",
  ],
  run: async ({ args, connect, signal }) => {
    const addresses = INVITATION.test(args.peer) ? ([args.peer] as const) : parsePeerArgument(args.peer).addresses
    if (!INVITATION.test(args.peer) && !addresses[0].startsWith('/')) throw withoutAddress(args.peer)
    const { database } = await connect()
    for (const [index, address] of addresses.entries()) {
      try {
        return await database.p2p.connect(address, { signal })
      } catch (error) {
        // The next address may lead there, or may be one that this node can dial.
        const mayGoOn = isFailure(error, 'UNREACHABLE') || isFailure(error, 'INVALID_ADDRESS')
        if (!mayGoOn || index === addresses.length - 1) throw error
      }
    }
  },
})

/** With the address of a page before it, or alone. */
const INVITATION = /(?:^|#)invite=/

/** An ID alone leads nowhere, and neither does what is none. */
function withoutAddress(peer: string): DatabaseError {
  const message = `${quote(peer)} is no address; give one that ends with /p2p/<peer ID>, as "client p2p info" prints it at the peer`
  return new DatabaseError('INVALID_ADDRESS', message, { address: peer })
}
