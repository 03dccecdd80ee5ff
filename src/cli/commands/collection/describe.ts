import { defineCommand, type Command } from '../../command.ts'
import { chosenVersions, COLLECTION_OPTIONS, isChosen, noSuchCollection } from './chosen-collection.ts'

export const describeCollection: Command = defineCommand({
  name: 'describe',
  summary: 'Show collections',
  description: 'Prints the collections that match: one alone when it was named and is the only one, else a list.',
  groupOptions: COLLECTION_OPTIONS,
  examples: ['warrendb client collection describe', 'warrendb client collection describe --name User --get-inactive'],
  run: async ({ options, connect, print }) => {
    const { database } = await connect()
    const versions = await chosenVersions(database, options)
    if (isChosen(options) && versions.length === 0) throw noSuchCollection(options)
    const { describeCollections } = await import('./describe-collections.ts')
    const described = await describeCollections(database, versions)
    await print(isChosen(options) && described.length === 1 ? described[0] : described)
  },
})
