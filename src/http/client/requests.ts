import type { Collection, IndexApi, Requests } from '../../database/database.ts'
import type { CollectionVersion, IndexDescription } from '../../schema/collection-version.ts'
import type { SchemaDescription } from '../../schema/schema-json.ts'
import { jsonText } from '../../document/json-text.ts'
import { isFailure } from '../../errors.ts'
import type { RequestResult } from '../../query/result.ts'
import type { ChangedJson, IndexJson } from '../shapes.ts'
import type { Connection } from './connection.ts'

/** Versions as the JavaScript API has them. */
const NATIVE = { form: 'native' }

/** What can be asked of a database and of a transaction alike. */
export function httpRequests(connection: Connection): Requests {
  return {
    execute: (query, { variables, operationName, signal } = {}) => {
      const options = { ...(variables === undefined ? {} : { variables }), ...(operationName === undefined ? {} : { operationName }) }
      return connection.json<RequestResult>('POST', ['graphql'], { body: { query, ...options }, signal })
    },
    collection: (name) => httpCollection(connection, name),
    schema: {
      add: (sdl, { signal } = {}) =>
        connection.json<readonly CollectionVersion[]>('POST', ['schema'], { query: NATIVE, body: sdl, signal }),
      describe: async ({ name, root, versionID } = {}) => {
        const found = await connection.json<SchemaDescription | readonly SchemaDescription[]>('GET', ['schema'], {
          query: { name, root, version_id: versionID },
        })
        return [found].flat()
      },
      patch: (patch, { setActive = true, signal } = {}) =>
        connection.json<readonly CollectionVersion[]>('PATCH', ['schema'], {
          query: NATIVE,
          body: { Patch: patch, SetAsDefaultVersion: setActive },
          signal,
        }),
      setActive: async (versionID, { signal } = {}) => {
        await connection.send('POST', ['schema', 'default'], { body: versionID, signal })
      },
    },
    collections: {
      describe: ({ name, versionID, collectionID, includeInactive = false } = {}) =>
        connection.json<readonly CollectionVersion[]>('GET', ['collections'], {
          query: { ...NATIVE, name, version_id: versionID, collection_id: collectionID, get_inactive: String(includeInactive) },
        }),
      patch: (patch, { signal } = {}) =>
        connection.json<readonly CollectionVersion[]>('PATCH', ['collections'], {
          query: NATIVE,
          body: typeof patch === 'string' ? patch : JSON.stringify(patch),
          signal,
        }),
    },
    indexes: httpIndexes(connection),
  }
}

function httpIndexes(connection: Connection): IndexApi {
  function list(collection: string): Promise<readonly IndexDescription[]>
  function list(): Promise<Readonly<Record<string, readonly IndexDescription[]>>>
  async function list(collection?: string): Promise<readonly IndexDescription[] | Readonly<Record<string, readonly IndexDescription[]>>> {
    if (collection !== undefined) {
      return (await connection.json<readonly IndexJson[]>('GET', ['collections', collection, 'indexes'])).map(indexOf)
    }
    const all = await connection.json<Readonly<Record<string, readonly IndexJson[]>>>('GET', ['collections', 'indexes'])
    return Object.fromEntries(Object.entries(all).map(([name, indexes]) => [name, indexes.map(indexOf)]))
  }
  return {
    list,
    create: async (collection, { name, fields, unique = false }, { signal } = {}) => {
      const body = {
        ...(name === undefined ? {} : { Name: name }),
        Fields: fields.map((field) => ({ Name: field.name, Descending: field.descending ?? false })),
        Unique: unique,
      }
      return indexOf(await connection.json<IndexJson>('POST', ['collections', collection, 'indexes'], { body, signal }))
    },
    drop: async (collection, name, { signal } = {}) => {
      await connection.send('DELETE', ['collections', collection, 'indexes', name], { signal })
    },
    violations: (collection, { signal } = {}) => connection.json('GET', ['indexes', 'violations'], { query: { collection }, signal }),
  }
}

function indexOf({ Name, ID, Fields, Unique }: IndexJson): IndexDescription {
  return { name: Name, id: ID, fields: Fields.map((field) => ({ name: field.Name, descending: field.Descending })), unique: Unique }
}

/** A collection by its name, which the server looks up at each call. */
function httpCollection<T extends object>(connection: Connection, name: string): Collection<T> {
  const path = ['collections', name]

  async function changed(method: string, body: unknown, signal: AbortSignal | undefined): Promise<string[]> {
    return [...(await connection.json<ChangedJson>(method, path, { body, signal })).DocIDs]
  }

  function create(documents: readonly T[], options?: { readonly signal?: AbortSignal }): Promise<string[]>
  function create(document: T, options?: { readonly signal?: AbortSignal }): Promise<string>
  async function create(input: T | readonly T[], options: { readonly signal?: AbortSignal } = {}): Promise<string | string[]> {
    const ids = await changed('POST', input, options.signal)
    return Array.isArray(input) ? ids : (ids[0] ?? '')
  }

  return {
    name,
    create,
    get: async (docID, { showDeleted = false, signal } = {}) => {
      try {
        return await connection.json<T & { readonly _docID: string }>('GET', [...path, docID], {
          query: { show_deleted: String(showDeleted) },
          signal,
        })
      } catch (error) {
        if (isFailure(error, 'NOT_FOUND') && error.details.what === 'document') return undefined
        throw error
      }
    },
    update: async (docID, patch, { signal } = {}) => {
      await connection.send('PATCH', [...path, docID], { body: patch, signal })
    },
    updateMany: (filter, patch, { signal } = {}) => changed('PATCH', { filter, updater: jsonText(patch) }, signal),
    delete: async (docID, { signal } = {}) => {
      try {
        await connection.send('DELETE', [...path, docID], { signal })
        return true
      } catch (error) {
        if (isFailure(error, 'NOT_FOUND') && error.details.what === 'document') return false
        throw error
      }
    },
    deleteMany: (filter, { signal } = {}) => changed('DELETE', { filter }, signal),
    docIDs: async function* ({ signal } = {}) {
      for await (const { data } of connection.events('GET', path, { signal })) yield (data as { readonly docID: string }).docID
    },
  }
}
