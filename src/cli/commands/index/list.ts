import { defineCommand, type Command } from '../../command.ts'
import { indexToJson } from '../../../schema/index-json.ts'

export const listIndexes: Command = defineCommand({
  name: 'list',
  summary: 'List indexes',
  description: 'Prints the indexes of a collection, or those of all by the names of their collections.',
  options: { collection: { kind: 'text', short: 'c', value: 'name', description: 'the collection' } },
  examples: ['warrendb client index list', 'warrendb client index list -c User'],
  run: async ({ options, connect, print }) => {
    const { database } = await connect()
    if (options.collection !== undefined) return print((await database.indexes.list(options.collection)).map(indexToJson))
    const all = Object.entries(await database.indexes.list())
    await print(Object.fromEntries(all.map(([collection, indexes]) => [collection, indexes.map(indexToJson)])))
  },
})
