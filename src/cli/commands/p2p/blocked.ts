import { defineCommand, type Command } from '../../command.ts'

export const blockedPeers: Command = defineCommand({
  name: 'blocked',
  summary: 'List the peers that are blocked',
  examples: ['warrendb client p2p blocked'],
  run: async ({ connect, print }) => {
    const { database } = await connect()
    await print(await database.p2p.blocked())
  },
})
