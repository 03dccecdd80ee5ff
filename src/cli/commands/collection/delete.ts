import { defineCommand, type Command } from '../../command.ts'
import { chosenCollection, COLLECTION_OPTIONS } from './chosen-collection.ts'
import { changedDocuments, checkAllThere, DOCUMENT_OPTIONS, documentChoice, noSuchDocument } from './document-choice.ts'

export const deleteDocuments: Command = defineCommand({
  name: 'delete',
  summary: 'Delete documents',
  description: 'Deletes documents and prints which. Their history stays.',
  options: DOCUMENT_OPTIONS,
  groupOptions: COLLECTION_OPTIONS,
  examples: [
    'warrendb client collection delete --name User --docID bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b',
    `warrendb client collection delete --name User --filter '{"age": {"_lt": 18}}'`,
  ],
  run: async ({ options, connect, signal, print }) => {
    const choice = documentChoice(options)
    const { database } = await connect()
    const collection = await chosenCollection(database, options)
    if (choice.kind === 'one') {
      if (!(await collection.delete(choice.docID, { signal }))) throw noSuchDocument(choice.docID)
      return print(changedDocuments([choice.docID]))
    }
    const deleted = await collection.deleteMany(choice.filter, { signal })
    await print(changedDocuments(deleted))
    checkAllThere(choice.docIDs, deleted)
  },
})
