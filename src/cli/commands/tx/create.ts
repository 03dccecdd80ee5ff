import { defineCommand, type Command } from '../../command.ts'

export const createTransaction: Command = defineCommand({
  name: 'create',
  summary: 'Begin a transaction',
  description: 'Prints the ID of a new transaction. Client commands with --tx <id> run inside it, until it is committed or discarded.',
  options: {
    'read-only': { kind: 'flag', description: 'nothing can be written' },
    concurrent: { kind: 'flag', description: 'of no effect: every transaction can be used by several requests at once' },
  },
  examples: ['warrendb client tx create', 'tx=$(warrendb client tx create | jq .id)'],
  run: async ({ options, connect, print }) => {
    const { node } = await connect()
    const { id } = await node.beginTransaction({ readOnly: options['read-only'] })
    // DefraDB's IDs are numbers, which scripts may rely on.
    await print({ id: /^(0|[1-9]\d*)$/.test(id) ? BigInt(id) : id })
  },
})
