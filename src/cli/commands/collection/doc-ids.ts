import { defineCommand, type Command } from '../../command.ts'
import { jsonText } from '../../../document/json-text.ts'
import { chosenCollection, COLLECTION_OPTIONS } from './chosen-collection.ts'

export const listDocIDs: Command = defineCommand({
  name: 'docIDs',
  summary: 'List the IDs of all documents',
  description: 'Prints {"docID": …} for each document, one to a line, as they are read.',
  groupOptions: COLLECTION_OPTIONS,
  examples: ['warrendb client collection docIDs --name User', 'warrendb client collection docIDs --name User | jq -r .docID'],
  run: async ({ options, connect, terminal, signal }) => {
    const { database } = await connect()
    const collection = await chosenCollection(database, options)
    for await (const docID of collection.docIDs({ signal })) await terminal.out(`${jsonText({ docID })}\n`)
  },
})
