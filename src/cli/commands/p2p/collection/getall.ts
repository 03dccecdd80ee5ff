import { defineCommand, type Command } from '../../../command.ts'

export const getAllCollections: Command = defineCommand({
  name: 'getall',
  aliases: ['list'],
  summary: 'List the collections subscribed to',
  examples: ['warrendb client p2p collection getall'],
  run: async ({ connect, print }) => {
    const { database } = await connect()
    await print(await database.p2p.collections.getAll())
  },
})
