import { defineCommand, type Command } from '../../../command.ts'
import { splitNames } from '../../../peer-argument.ts'

export const removeDocuments: Command = defineCommand({
  name: 'remove',
  summary: 'Unsubscribe from documents',
  description: 'What is here stays.',
  arguments: { docIDs: { kind: 'many', description: 'IDs of documents, also with commas' } },
  examples: ['warrendb client p2p document remove bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b'],
  run: async ({ args, connect }) => {
    const { database } = await connect()
    await database.p2p.documents.remove(splitNames(args.docIDs))
  },
})
