import { defineCommand, type Command } from '../../command.ts'

export const dropIndex: Command = defineCommand({
  name: 'drop',
  summary: 'Delete an index',
  options: {
    collection: { kind: 'required', short: 'c', value: 'name', description: 'the collection' },
    name: { kind: 'required', short: 'n', value: 'name', description: 'the name of the index' },
  },
  examples: ['warrendb client index drop -c User -n by_name'],
  run: async ({ options, connect, signal }) => {
    const { database } = await connect()
    await database.indexes.drop(options.collection, options.name, { signal })
  },
})
