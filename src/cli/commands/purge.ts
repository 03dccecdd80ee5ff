import { defineCommand, type Command } from '../command.ts'
import { UsageError } from '../usage-error.ts'

export const purge: Command = defineCommand({
  name: 'purge',
  summary: 'Delete everything that the node stores',
  description: 'Cannot be undone. The node has to run with --development.',
  options: { force: { kind: 'flag', short: 'f', description: 'has to be given' } },
  examples: ['warrendb client purge --force'],
  run: async ({ options, connect }) => {
    if (!options.force) throw new UsageError('this deletes everything and cannot be undone; say so with --force')
    const { node } = await connect()
    await node.purge()
  },
})
