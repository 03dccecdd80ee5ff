import { defineCommand, type Command } from '../command.ts'
import { existingDataFolder, openedHere } from '../data-folder.ts'
import { printDump } from '../print-dump.ts'

export const serverDump: Command = defineCommand({
  name: 'server-dump',
  summary: 'Print everything that a node which does not run has stored',
  description: 'Prints each key with its value, in hex, one to a line. Of a node that runs, "client dump" prints it.',
  examples: ['warrendb server-dump', 'warrendb server-dump --rootdir /var/lib/warrendb'],
  run: async ({ config, terminal, signal }) => {
    const { openDatabase } = await import('../../index.node.ts')
    await using database = await openedHere(openDatabase({ path: await existingDataFolder(config), p2p: false }))
    await printDump(database, terminal, signal)
  },
})
