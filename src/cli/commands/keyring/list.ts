import { defineCommand, type Command } from '../../command.ts'
import { openedKeyring } from './opened-keyring.ts'

export const listKeys: Command = defineCommand({
  name: 'list',
  summary: 'List the names of the keys in the keyring',
  examples: ['warrendb keyring list'],
  run: async (context) => {
    const keyring = await openedKeyring(context)
    await context.print(await keyring.list())
  },
})
