import type { SchemaFilter } from '../../../schema/schema-json.ts'
import { defineCommand, type Command } from '../../command.ts'

export const describeSchema: Command = defineCommand({
  name: 'describe',
  summary: 'Show schemas',
  description: 'Prints the schemas that match, or the one of a version. The fields of a schema are what a schema patch works on.',
  options: {
    name: { kind: 'text', value: 'name', description: 'those of the collection with this name' },
    root: { kind: 'text', value: 'id', description: 'those of the collection with this ID' },
    version: { kind: 'text', value: 'id', description: 'the one of this version' },
  },
  examples: ['warrendb client schema describe', 'warrendb client schema describe --name User'],
  run: async ({ options, connect, print }) => {
    const filter: SchemaFilter = {
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.root === undefined ? {} : { root: options.root }),
      ...(options.version === undefined ? {} : { versionID: options.version }),
    }
    const { database } = await connect()
    const schemas = await database.schema.describe(filter)
    const [only] = schemas
    await print(options.version !== undefined && only !== undefined ? only : schemas)
  },
})
