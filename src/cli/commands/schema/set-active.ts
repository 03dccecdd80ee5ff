import { defineCommand, type Command } from '../../command.ts'

export const setActiveSchema: Command = defineCommand({
  name: 'set-active',
  summary: 'Make a version of a schema the active one',
  description: 'The active version of a collection is the one that is written and queried. Fields that it lacks are kept and not shown.',
  arguments: { versionID: { kind: 'one', description: 'the ID of the version' } },
  examples: ['warrendb client schema set-active bafkreibpai5hfnalhtn5mgamzkgml4gwftow7pklmjcn6i4sqey6a5u5ce'],
  run: async ({ args, connect, signal }) => {
    const { database } = await connect()
    await database.schema.setActive(args.versionID, { signal })
  },
})
