import { defineCommand, type Command } from '../../../command.ts'
import { splitNames } from '../../../peer-argument.ts'

export const addCollections: Command = defineCommand({
  name: 'add',
  summary: 'Subscribe to collections',
  description: 'The node then has everything of them that any peer it is connected to has, also after a restart.',
  arguments: { collections: { kind: 'many', description: 'names or IDs of collections, also with commas' } },
  examples: ['warrendb client p2p collection add User', 'warrendb client p2p collection add User,Book'],
  run: async ({ args, connect }) => {
    const { database } = await connect()
    await database.p2p.collections.add(splitNames(args.collections))
  },
})
