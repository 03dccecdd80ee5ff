import { DatabaseError } from '../../../errors.ts'
import { quote } from '../../../util/quote.ts'
import { defineCommand, type Command } from '../../command.ts'
import { isObject, parseJson, readInput } from '../../read-input.ts'
import { chosenCollection, COLLECTION_OPTIONS } from './chosen-collection.ts'
import { changedDocuments } from './document-choice.ts'

export const createDocuments: Command = defineCommand({
  name: 'create',
  summary: 'Create documents',
  description: 'Creates a document, or all of a list or none, and prints their IDs.',
  arguments: { document: { kind: 'optional', description: 'a JSON object or a list of them, or - for standard input' } },
  options: { file: { kind: 'text', short: 'f', value: 'path', description: 'a file with the document or the list' } },
  groupOptions: COLLECTION_OPTIONS,
  examples: [
    `warrendb client collection create --name User '{"name": "Ada"}'`,
    `warrendb client collection create --name User '[{"name": "Ada"}, {"name": "Bob"}]'`,
    'cat users.json | warrendb client collection create --name User -',
  ],
  run: async ({ options, args, connect, terminal, signal, print }) => {
    const files = options.file === undefined ? [] : [options.file]
    const text = await readInput(terminal, { what: 'document', argument: args.document, files })
    const documents = parseDocuments(text)
    const { database } = await connect()
    const collection = await chosenCollection(database, options)
    await print(changedDocuments(await collection.create(documents, { signal })))
  },
})

function parseDocuments(text: string): readonly object[] {
  const parsed = parseJson(text, 'the document')
  const documents: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  return documents.map((document) => {
    if (isObject(document)) return document
    throw new DatabaseError('INVALID_DOCUMENT', `a document is an object such as {"name": "Ada"}, not ${quote(document)}`, {
      value: document,
    })
  })
}
