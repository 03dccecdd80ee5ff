import { defineCommand, type Command } from '../../command.ts'

export const discardTransaction: Command = defineCommand({
  name: 'discard',
  summary: 'Discard a transaction',
  arguments: { id: { kind: 'one', description: 'the ID of the transaction' } },
  examples: ['warrendb client tx discard 7'],
  run: async ({ args, connect }) => {
    const { node } = await connect()
    await node.discardTransaction(args.id)
  },
})
