import { defineCommand, type Command } from '../../command.ts'
import { indexToJson } from '../../../schema/index-json.ts'
import { UsageError } from '../../usage-error.ts'
import { quote } from '../../../util/quote.ts'

export const createIndex: Command = defineCommand({
  name: 'create',
  summary: 'Create an index',
  description: 'Indexes fields of a collection, also of the documents that are there. Without a name it gets one.',
  options: {
    collection: { kind: 'required', short: 'c', value: 'name', description: 'the collection' },
    fields: { kind: 'list', value: 'fields', description: 'its fields in order, each with :ASC (default) or :DESC' },
    name: { kind: 'text', short: 'n', value: 'name', description: 'the name of the index' },
    unique: { kind: 'flag', short: 'u', description: 'no two documents may have the same values' },
  },
  examples: [
    'warrendb client index create -c User --fields name',
    'warrendb client index create -c User --fields name:ASC,age:DESC -n by_name --unique',
  ],
  run: async ({ options, connect, signal, print }) => {
    const fields = options.fields.map(parseField)
    if (fields.length === 0) throw new UsageError('there are no fields to index; name them by --fields')
    const { database } = await connect()
    const request = { fields, unique: options.unique, ...(options.name === undefined ? {} : { name: options.name }) }
    await print(indexToJson(await database.indexes.create(options.collection, request, { signal })))
  },
})

function parseField(text: string): { readonly name: string; readonly descending: boolean } {
  const [name = '', direction = 'ASC', ...rest] = text.split(':')
  if (name === '' || rest.length > 0 || !['ASC', 'DESC'].includes(direction)) {
    throw new UsageError(`${quote(text)} in --fields is no field; write name, name:ASC or name:DESC`)
  }
  return { name, descending: direction === 'DESC' }
}
