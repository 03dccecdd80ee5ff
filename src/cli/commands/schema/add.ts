import { defineCommand, type Command } from '../../command.ts'
import { readInput } from '../../read-input.ts'

export const addSchema: Command = defineCommand({
  name: 'add',
  summary: 'Add collections',
  description: 'Adds the types of an SDL text as collections, all or none, and prints their descriptions.',
  arguments: { schema: { kind: 'optional', description: 'SDL, or - for standard input' } },
  options: { file: { kind: 'texts', short: 'f', value: 'path', description: 'a file with SDL; may be given several times' } },
  examples: [
    `warrendb client schema add 'type User { name: String  age: Int }'`,
    'warrendb client schema add -f user.graphql -f book.graphql',
    'cat user.graphql | warrendb client schema add -',
  ],
  run: async ({ options, args, connect, terminal, signal, print }) => {
    const sdl = await readInput(terminal, { what: 'schema', argument: args.schema, files: options.file })
    const { database } = await connect()
    const added = await database.schema.add(sdl, { signal })
    const { describeCollections } = await import('../collection/describe-collections.ts')
    await print(await describeCollections(database, added))
  },
})
