import { defineCommand, type Command } from '../../../command.ts'

/** DefraDB's numbers for the two. */
const STATUS_NUMBERS = { active: 0, inactive: 1 } as const

export const getAllReplicators: Command = defineCommand({
  name: 'getall',
  aliases: ['list'],
  summary: 'List replicators',
  description: `Prints each with its status (0: changes get there now, 1: they do not) and when that last changed. Pending are the collections of which the peer has not
confirmed that it has everything; Lacking those whose schema it does not have; Problem says what hinders it.`,
  examples: ['warrendb client p2p replicator getall'],
  run: async ({ connect, print }) => {
    const { database } = await connect()
    const [replicators, versions] = await Promise.all([database.p2p.replicators.getAll(), database.collections.describe()])
    const idByName = new Map(versions.map(({ name, collectionId }) => [name, collectionId]))
    await print(
      replicators.map(({ id, addresses, collections, status, lastStatusChange, pending, lacking, problem }) => ({
        Info: { ID: id, Addrs: addresses },
        CollectionIDs: collections.map((name) => idByName.get(name) ?? name),
        Collections: collections,
        Status: STATUS_NUMBERS[status],
        LastStatusChange: new Date(lastStatusChange).toISOString(),
        Pending: pending,
        Lacking: lacking,
        Problem: problem,
      })),
    )
  },
})
