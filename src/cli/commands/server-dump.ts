import { bytesToHex } from '../../util/bytes.ts'
import { defineCommand, type Command } from '../command.ts'
import { existingDataFolder, openedHere } from '../data-folder.ts'
import { jsonText } from '../../document/json-text.ts'

export const serverDump: Command = defineCommand({
  name: 'server-dump',
  summary: 'Print everything that a node which does not run has stored',
  description: 'Prints each key with its value, in hex, one to a line. Of a node that runs, "client dump" prints it.',
  examples: ['warrendb server-dump', 'warrendb server-dump --rootdir /var/lib/warrendb'],
  run: async ({ config, terminal, signal }) => {
    const { openDatabase } = await import('../../index.node.ts')
    await using database = await openedHere(openDatabase({ path: await existingDataFolder(config), p2p: false }))
    for await (const { kind, key, value } of database.dump({ signal })) {
      await terminal.out(`${jsonText({ kind, key: bytesToHex(key), value: bytesToHex(value) })}\n`)
    }
  },
})
