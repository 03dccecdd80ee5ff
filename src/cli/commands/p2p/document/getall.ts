import { defineCommand, type Command } from '../../../command.ts'

export const getAllDocuments: Command = defineCommand({
  name: 'getall',
  aliases: ['list'],
  summary: 'List the documents subscribed to',
  examples: ['warrendb client p2p document getall'],
  run: async ({ connect, print }) => {
    const { database } = await connect()
    await print(await database.p2p.documents.getAll())
  },
})
