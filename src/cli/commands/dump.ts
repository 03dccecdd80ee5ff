import { defineCommand, type Command } from '../command.ts'
import { printDump } from '../print-dump.ts'

export const dump: Command = defineCommand({
  name: 'dump',
  summary: 'Print everything that is stored',
  description: 'Prints each key with its value, in hex, one to a line: for whoever looks for a fault.',
  examples: ['warrendb client dump', `warrendb client dump | jq 'select(.kind == "document")'`],
  run: async ({ connect, terminal, signal }) => {
    const { database } = await connect()
    await printDump(database, terminal, signal)
  },
})
