import { defineCommand, type Command } from '../../command.ts'

export const commitTransaction: Command = defineCommand({
  name: 'commit',
  summary: 'Commit a transaction',
  description: 'Stores everything that was written inside, or nothing when something it read has changed since; the exit code is 6 then.',
  arguments: { id: { kind: 'one', description: 'the ID of the transaction' } },
  examples: ['warrendb client tx commit 7'],
  run: async ({ args, connect }) => {
    const { node } = await connect()
    await node.commitTransaction(args.id)
  },
})
