import { z } from 'zod'

import type { SchemaDescription } from '../schema/schema-json.ts'

/** The JSON that several routes take or give, in the spelling of the reference. */

export interface ChangedJson {
  readonly Count: number
  readonly DocIDs: readonly string[]
}

export interface IndexRequestJson {
  readonly Name?: string | undefined
  readonly Fields: readonly { readonly Name: string; readonly Descending?: boolean | undefined }[]
  readonly Unique?: boolean | undefined
}

export interface IndexJson {
  readonly Name: string
  readonly ID: number
  readonly Fields: readonly { readonly Name: string; readonly Descending: boolean }[]
  readonly Unique: boolean
}

export interface AddressInfoJson {
  /** The peer ID. */
  readonly ID: string
  readonly Addrs: readonly string[]
}

export interface ReplicatorJson {
  readonly Info: AddressInfoJson
  readonly Collections: readonly string[]
  readonly CollectionIDs: readonly string[]
  readonly Status: number
  readonly LastStatusChange: string
  readonly Pending: readonly string[]
  readonly Lacking: readonly string[]
  readonly Problem?: string | undefined
}

export const collections: z.ZodType = z.array(
  z.looseObject({ Name: z.string(), VersionID: z.string(), CollectionID: z.string(), IsActive: z.boolean() }),
)

export const schema: z.ZodType<Omit<SchemaDescription, 'Fields'>> = z.object({
  Root: z.string(),
  VersionID: z.string(),
  Name: z.string(),
  Fields: z.array(z.object({ Name: z.string(), Kind: z.unknown(), Typ: z.number() })),
})

export const changed: z.ZodType<ChangedJson> = z.object({ Count: z.int(), DocIDs: z.array(z.string()) })

export const indexRequest: z.ZodType<IndexRequestJson> = z.object({
  Name: z.string().optional(),
  Fields: z.array(z.object({ Name: z.string(), Descending: z.boolean().optional() })),
  Unique: z.boolean().optional(),
})

export const index: z.ZodType<IndexJson> = z.object({
  Name: z.string(),
  ID: z.int(),
  Fields: z.array(z.object({ Name: z.string(), Descending: z.boolean() })),
  Unique: z.boolean(),
})

export const addressInfo: z.ZodType<AddressInfoJson> = z.object({
  ID: z.string().describe('peer ID'),
  Addrs: z.array(z.string()).describe('multiaddrs'),
})

const names = z.array(z.string())

export const replicator: z.ZodType<ReplicatorJson> = z.object({
  Info: addressInfo,
  Collections: names.describe('names'),
  CollectionIDs: names,
  Status: z.int().describe('0 active, 1 inactive'),
  LastStatusChange: z.string().describe('RFC 3339'),
  Pending: names.describe('names of those of which the peer has not confirmed that everything is there'),
  Lacking: names.describe('names of those whose schema the connected peer does not have'),
  Problem: z.string().optional(),
})
