import { defineCommand, type Command } from '../../command.ts'

export const invitePeer: Command = defineCommand({
  name: 'invite',
  summary: 'Print an invitation to collections of the node',
  description:
    'Another node takes it in "client p2p connect", a page behind its address. It holds the relays and addresses of the node, the types of the collections, and the room secret.',
  options: { collection: { kind: 'list', short: 'c', value: 'names', description: 'names or IDs of collections (default all)' } },
  examples: ['warrendb client p2p invite', 'warrendb client p2p invite -c Books'],
  run: async ({ options, connect, terminal }) => {
    const { database } = await connect()
    const invitation = await database.p2p.invite(options.collection.length === 0 ? {} : { collections: options.collection })
    await terminal.out(`${invitation}\n`)
  },
})
