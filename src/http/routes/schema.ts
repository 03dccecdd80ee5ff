import { z } from 'zod'

import { collectionToJson, type CollectionDescription } from '../../schema/collection-json.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { DatabaseError } from '../../errors.ts'
import type { Requests } from '../../database/database.ts'
import { flag, route, textRoute, type Call, type Route } from '../route.ts'
import { collections, schema } from '../shapes.ts'

const FORM = {
  name: 'form',
  what: '`native` for the form that the JavaScript API has, instead of that of the reference',
}

export const schemaRoutes: readonly Route[] = [
  textRoute({
    method: 'POST',
    path: '/schema',
    tag: 'schema',
    summary: 'Adds the types of an SDL text as collections, all or none',
    parameters: [FORM],
    body: { kind: 'text', what: 'SDL' },
    answer: collections,
    inTransaction: true,
    handle: async (call, sdl) => inForm(call, await call.requests.schema.add(sdl, { signal: call.signal })),
  }),
  route({
    method: 'PATCH',
    path: '/schema',
    tag: 'schema',
    summary: 'Adds fields by a JSON patch (RFC 6902) over the schemas by name',
    parameters: [FORM],
    body: z.object({
      Patch: z.union([z.string(), z.array(z.looseObject({}))]).describe('the patch, as text or as it is'),
      SetAsDefaultVersion: z.boolean().optional().describe('makes the new versions active'),
      Migration: z.unknown().optional(),
    }),
    answer: collections,
    inTransaction: true,
    handle: async (call, { Patch, SetAsDefaultVersion = false, Migration }) => {
      if (Migration !== undefined && Migration !== null) {
        throw new DatabaseError('UNSUPPORTED', 'migrations are not there yet; leave "Migration" out', { feature: 'migrations' })
      }
      return inForm(call, await call.requests.schema.patch(Patch, { setActive: SetAsDefaultVersion, signal: call.signal }))
    },
  }),
  route({
    method: 'GET',
    path: '/schema',
    tag: 'schema',
    summary: 'Schemas: all, those with a name or root, or the one with a version ID',
    parameters: [
      { name: 'name', what: 'name of the collection' },
      { name: 'root', what: 'collection ID' },
      { name: 'version_id', what: 'version ID; the answer is one schema, not a list' },
    ],
    answer: z.union([z.array(schema), schema]),
    inTransaction: true,
    handle: async (call) => {
      const [name, root, versionID] = [call.query('name'), call.query('root'), call.query('version_id')]
      const found = await call.requests.schema.describe({
        ...(name === undefined ? {} : { name }),
        ...(root === undefined ? {} : { root }),
        ...(versionID === undefined ? {} : { versionID }),
      })
      return versionID === undefined ? found : found[0]
    },
  }),
  textRoute({
    method: 'POST',
    path: '/schema/default',
    tag: 'schema',
    summary: 'Makes a version the active one',
    body: { kind: 'text', what: 'version ID' },
    inTransaction: true,
    handle: (call, versionID) => call.requests.schema.setActive(versionID.trim(), { signal: call.signal }),
  }),
  route({
    method: 'GET',
    path: '/collections',
    tag: 'collection',
    summary: 'Versions of collections',
    parameters: [
      { name: 'name', what: 'name of the collection' },
      { name: 'version_id', what: 'version ID' },
      { name: 'collection_id', what: 'collection ID' },
      { name: 'get_inactive', what: 'versions that are not active too', type: 'boolean' },
      FORM,
    ],
    answer: collections,
    inTransaction: true,
    handle: async (call) => {
      const [name, versionID, collectionID] = [call.query('name'), call.query('version_id'), call.query('collection_id')]
      return inForm(
        call,
        await call.requests.collections.describe({
          ...(name === undefined ? {} : { name }),
          ...(versionID === undefined ? {} : { versionID }),
          ...(collectionID === undefined ? {} : { collectionID }),
          includeInactive: flag(call, 'get_inactive'),
        }),
      )
    },
  }),
  textRoute({
    method: 'PATCH',
    path: '/collections',
    tag: 'collection',
    summary: 'Changes the local part of collections by a JSON patch (RFC 6902) over all versions by version ID',
    parameters: [FORM],
    body: { kind: 'text', what: 'the patch' },
    answer: collections,
    inTransaction: true,
    handle: async (call, patch) => inForm(call, await call.requests.collections.patch(patch, { signal: call.signal })),
  }),
]

async function inForm(call: Call, versions: readonly CollectionVersion[]): Promise<unknown> {
  return call.query('form') === 'native' ? versions : described(versions, call.requests)
}

async function described(versions: readonly CollectionVersion[], requests: Requests): Promise<readonly CollectionDescription[]> {
  const all = await requests.collections.describe({ includeInactive: true })
  return versions.map((version) => collectionToJson(version, all))
}
