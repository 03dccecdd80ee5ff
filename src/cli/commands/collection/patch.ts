import { defineCommand, type Command } from '../../command.ts'
import { readInput } from '../../read-input.ts'

export const patchCollection: Command = defineCommand({
  name: 'patch',
  summary: 'Change the local part of collections',
  description:
    'Changes which versions are active and how vectors are made, by a JSON patch (RFC 6902) over all versions by ID. Prints those that changed.',
  arguments: { patch: { kind: 'optional', description: 'the patch, or - for standard input' } },
  options: { 'patch-file': { kind: 'text', short: 'p', value: 'path', description: 'a file with the patch' } },
  examples: [`warrendb client collection patch '[{"op": "replace", "path": "/bafkrei…/IsActive", "value": false}]'`],
  run: async ({ options, args, connect, terminal, signal, print }) => {
    const file = options['patch-file']
    const patch = await readInput(terminal, { what: 'patch', argument: args.patch, files: file === undefined ? [] : [file] })
    const { database } = await connect()
    const changed = await database.collections.patch(patch, { signal })
    const { describeCollections } = await import('./describe-collections.ts')
    await print(await describeCollections(database, changed))
  },
})
