import { defineCommand, type Command } from '../../command.ts'
import { readInput } from '../../read-input.ts'

export const patchSchema: Command = defineCommand({
  name: 'patch',
  summary: 'Add fields to schemas',
  description: `Changes schemas by a JSON patch (RFC 6902) over all active ones by name, and prints the versions that are new.
They are used once they are active: at once with --set-active, or later by "client schema set-active".`,
  arguments: { patch: { kind: 'optional', description: 'the patch, or - for standard input' } },
  options: {
    'patch-file': { kind: 'text', short: 'p', value: 'path', description: 'a file with the patch' },
    'set-active': { kind: 'flag', description: 'make the new versions active' },
  },
  examples: [
    `warrendb client schema patch --set-active '[{"op": "add", "path": "/User/Fields/-", "value": {"Name": "email", "Kind": "String"}}]'`,
    'warrendb client schema patch -p patch.json',
  ],
  run: async ({ options, args, connect, terminal, signal, print }) => {
    const file = options['patch-file']
    const patch = await readInput(terminal, { what: 'patch', argument: args.patch, files: file === undefined ? [] : [file] })
    const { database } = await connect()
    const changed = await database.schema.patch(patch, { setActive: options['set-active'], signal })
    const { describeCollections } = await import('../collection/describe-collections.ts')
    await print(await describeCollections(database, changed))
  },
})
