import { DatabaseError } from '../../../errors.ts'
import { quote } from '../../../util/quote.ts'
import { defineCommand, type Command } from '../../command.ts'
import { isObject, parseJson, readInput } from '../../read-input.ts'
import { UsageError } from '../../usage-error.ts'
import { chosenCollection, COLLECTION_OPTIONS } from './chosen-collection.ts'
import { changedDocuments, checkAllThere, DOCUMENT_OPTIONS, documentChoice } from './document-choice.ts'

export const updateDocuments: Command = defineCommand({
  name: 'update',
  summary: 'Update documents',
  description: 'Sets the given fields of documents; null empties one, a counter takes an increment. Prints which documents changed.',
  arguments: { document: { kind: 'optional', description: 'the fields to set as JSON, or - for standard input' } },
  options: {
    ...DOCUMENT_OPTIONS,
    updater: { kind: 'text', value: 'json', description: 'the fields to set, in place of the argument' },
  },
  groupOptions: COLLECTION_OPTIONS,
  examples: [
    `warrendb client collection update --name User --docID bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b '{"name": "Bob"}'`,
    `warrendb client collection update --name User --filter '{"age": {"_gt": 18}}' --updater '{"adult": true}'`,
  ],
  run: async ({ options, args, connect, terminal, signal, print }) => {
    const choice = documentChoice(options)
    const { updater } = options
    if (updater !== undefined && args.document !== undefined)
      throw new UsageError('give the fields as an argument or by --updater, not both')
    const text = updater ?? (await readInput(terminal, { what: 'document', argument: args.document, files: [] }))
    const patch = parsePatch(text)
    const { database } = await connect()
    const collection = await chosenCollection(database, options)
    if (choice.kind === 'one') {
      await collection.update(choice.docID, patch, { signal })
      return print(changedDocuments([choice.docID]))
    }
    const changed = await collection.updateMany(choice.filter, patch, { signal })
    await print(changedDocuments(changed))
    checkAllThere(choice.docIDs, changed)
  },
})

/** @throws INVALID_DOCUMENT for what is no JSON, INVALID_ARGUMENT for what is no object */
function parsePatch(text: string): Readonly<Record<string, unknown>> {
  const patch = parseJson(text, 'the update')
  if (isObject(patch)) return patch
  const message = `the updater of a document is of invalid type: ${quote(patch)}; it takes an object of values by field name`
  throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'updater', value: patch })
}
