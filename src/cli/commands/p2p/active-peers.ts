import { defineCommand, type Command } from '../../command.ts'

export const activePeers: Command = defineCommand({
  name: 'active-peers',
  summary: 'List the peers the node is connected to',
  description:
    'Prints each with how it is connected, the round trip in milliseconds, the collections both have, and whether they are in sync.',
  examples: ['warrendb client p2p active-peers', `warrendb client p2p active-peers | jq -r '.[].ID'`],
  run: async ({ connect, print }) => {
    const { database } = await connect()
    const peers = await database.p2p.peers()
    await print(
      peers.map((peer) => ({
        ID: peer.id,
        Addrs: peer.addresses,
        Link: peer.link,
        RoundTrip: peer.roundTrip,
        Since: new Date(peer.since).toISOString(),
        Collections: peer.collections,
        InSync: peer.inSync,
        Dropped: peer.dropped,
        LastDropped: peer.lastDropped,
      })),
    )
  },
})
