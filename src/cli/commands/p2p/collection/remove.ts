import { defineCommand, type Command } from '../../../command.ts'
import { splitNames } from '../../../peer-argument.ts'

export const removeCollections: Command = defineCommand({
  name: 'remove',
  summary: 'Unsubscribe from collections',
  description: 'What is here stays.',
  arguments: { collections: { kind: 'many', description: 'names or IDs of collections, also with commas' } },
  examples: ['warrendb client p2p collection remove User'],
  run: async ({ args, connect }) => {
    const { database } = await connect()
    await database.p2p.collections.remove(splitNames(args.collections))
  },
})
