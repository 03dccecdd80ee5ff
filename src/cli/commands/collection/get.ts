import { defineCommand, type Command } from '../../command.ts'
import { chosenCollection, COLLECTION_OPTIONS } from './chosen-collection.ts'
import { noSuchDocument } from './document-choice.ts'

export const getDocument: Command = defineCommand({
  name: 'get',
  summary: 'Show a document',
  arguments: { docID: { kind: 'one', description: 'the ID of the document' } },
  options: { 'show-deleted': { kind: 'flag', description: 'also when it is deleted' } },
  groupOptions: COLLECTION_OPTIONS,
  examples: ['warrendb client collection get --name User bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b'],
  run: async ({ options, args, connect, signal, print }) => {
    const { database } = await connect()
    const collection = await chosenCollection(database, options)
    const document = await collection.get(args.docID, { showDeleted: options['show-deleted'], signal })
    if (document === undefined) throw noSuchDocument(args.docID)
    await print(document)
  },
})
