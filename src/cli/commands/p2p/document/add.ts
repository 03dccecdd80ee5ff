import { defineCommand, type Command } from '../../../command.ts'
import { splitNames } from '../../../peer-argument.ts'

export const addDocuments: Command = defineCommand({
  name: 'add',
  summary: 'Subscribe to documents',
  description: 'The node then has them as any peer it is connected to has them, also after a restart. They need not be here yet.',
  arguments: { docIDs: { kind: 'many', description: 'IDs of documents, also with commas' } },
  examples: ['warrendb client p2p document add bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b'],
  run: async ({ args, connect }) => {
    const { database } = await connect()
    await database.p2p.documents.add(splitNames(args.docIDs))
  },
})
