import type { Collection, Requests } from '../../../database/database.ts'
import { DatabaseError } from '../../../errors.ts'
import type { CollectionVersion } from '../../../schema/collection-version.ts'
import type { CommandOption, OptionValues } from '../../command.ts'
import { UsageError } from '../../usage-error.ts'

/** Options of the group: which collection a command is about. */
export const COLLECTION_OPTIONS: {
  readonly name: CommandOption & { readonly kind: 'text' }
  readonly 'collection-id': CommandOption & { readonly kind: 'text' }
  readonly 'version-id': CommandOption & { readonly kind: 'text' }
  readonly 'get-inactive': CommandOption & { readonly kind: 'flag' }
} = {
  name: { kind: 'text', value: 'name', description: 'the name of the collection' },
  'collection-id': { kind: 'text', value: 'id', description: 'the ID of the collection' },
  'version-id': { kind: 'text', value: 'id', description: 'the ID of one of its versions' },
  'get-inactive': { kind: 'flag', description: 'look among inactive versions too' },
}

export type CollectionChoice = OptionValues<typeof COLLECTION_OPTIONS>

/** The collection of a command that reads or writes documents. @throws UsageError when none is named, NOT_FOUND */
export async function chosenCollection(requests: Requests, options: CollectionChoice): Promise<Collection<object>> {
  if (!isChosen(options)) throw new UsageError('there is no collection; name it with --name, --collection-id or --version-id')
  // A name is enough, and saves a question to the node.
  if (options.name !== undefined && options['collection-id'] === undefined && options['version-id'] === undefined) {
    return requests.collection(options.name)
  }
  const versions = await chosenVersions(requests, options)
  const names = new Set(versions.map(({ name }) => name))
  const [name] = names
  if (name === undefined) throw noSuchCollection(options)
  if (names.size > 1) throw new UsageError(`several collections match: ${[...names].join(', ')}`)
  if (!versions.some(({ isActive }) => isActive)) {
    throw new UsageError(`this version of "${name}" is not active, so it has no documents; "client schema set-active" makes it so`)
  }
  return requests.collection(name)
}

/** The versions that the options choose: all active ones when they name none. */
export async function chosenVersions(requests: Requests, options: CollectionChoice): Promise<readonly CollectionVersion[]> {
  const { name, 'collection-id': collectionID, 'version-id': versionID, 'get-inactive': includeInactive } = options
  return requests.collections.describe({
    includeInactive,
    ...(name === undefined ? {} : { name }),
    ...(collectionID === undefined ? {} : { collectionID }),
    ...(versionID === undefined ? {} : { versionID }),
  })
}

/** Whether the options name a collection. */
export function isChosen(options: CollectionChoice): boolean {
  return options.name !== undefined || options['collection-id'] !== undefined || options['version-id'] !== undefined
}

export function noSuchCollection(options: CollectionChoice): DatabaseError {
  const given = [options.name, options['collection-id'], options['version-id']].filter((one) => one !== undefined)
  const id = given.join(', ')
  const hint = options['get-inactive'] ? '' : ' (--get-inactive looks among inactive versions too)'
  return new DatabaseError('NOT_FOUND', `no collection matches "${id}"${hint}`, { what: 'collection', id })
}
