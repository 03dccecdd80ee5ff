import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import { parseDocumentJson } from '../src/document/json.ts'
import { messageOf } from '../src/errors.ts'
import {
  openDatabase,
  type CollectionVersion,
  type Database,
  type IndexDescription,
  type IndexRequest,
  type Requests,
  type SchemaDescription,
  type SchemaFilter,
  type Transaction,
} from '../src/index.node.ts'
import { collectionToJson, type CollectionDescription } from '../src/schema/collection-json.ts'

/**
 * Lets the behaviour cases drive WarrenDB. A method that is not here makes a case count as skipped, so what is here is what exists.
 */
export const clientType = 'go'

export interface NodeOptions {
  readonly index: number
  readonly storePath: string | null
  readonly enableSigning?: boolean
  readonly kms?: string | null
  readonly p2p?: { readonly listenAddresses: readonly string[] } | null
  readonly enableNAC?: boolean
  /** What `peerInfo` of the closed node gave that this one continues. */
  readonly previousPeerInfo?: PeerInfo | null
}

export interface PeerInfo {
  readonly id: string
  readonly addresses: readonly string[]
}

export interface WriteOptions {
  readonly identity?: unknown
  readonly encrypted?: boolean
  readonly encryptedFields?: readonly string[]
  readonly txn?: Transaction | null
}

interface Request {
  readonly operationName?: string
  readonly variables?: Record<string, unknown>
  readonly identity?: unknown
  readonly txn?: Transaction | null
}

interface BackupConfig {
  readonly filepath: string
  readonly format: string
  readonly pretty: boolean
  readonly collections: readonly string[]
}

/** What the runner calls a node. */
export interface Adapter {
  addSchema(sdl: string): Promise<readonly CollectionDescription[]>
  getCollections(
    filter: Record<string, unknown>,
    options?: { readonly txn?: Transaction | null },
  ): Promise<readonly CollectionDescription[]>
  getSchemas(filter: SchemaFilter): Promise<readonly SchemaDescription[]>
  patchSchema(patch: string, options: { readonly setAsDefault: boolean; readonly lens: unknown }): Promise<void>
  patchCollection(patch: string): Promise<void>
  setActiveSchemaVersion(versionID: string): Promise<void>
  createDoc(collection: string, document: unknown, options?: WriteOptions): Promise<readonly string[]>
  updateDoc(collection: string, docID: string, json: unknown, options?: WriteOptions): Promise<void>
  deleteDoc(collection: string, docID: string, options?: WriteOptions): Promise<void>
  updateWithFilter(
    collection: string,
    filter: object,
    updater: unknown,
    options?: WriteOptions,
  ): Promise<{ readonly docIDs: readonly string[] }>
  createIndex(collection: string, index: IndexRequest): Promise<IndexDescription>
  dropIndex(collection: string, name: string): Promise<void>
  getIndexes(collection: string): Promise<readonly IndexDescription[]>
  request(query: string, options?: Request): Promise<unknown>
  newTxn(): Promise<Transaction>
  basicExport(config: BackupConfig): Promise<void>
  basicImport(filepath: string): Promise<void>
  peerInfo(): Promise<PeerInfo>
  connect(peer: PeerInfo): Promise<void>
  setReplicator(peer: PeerInfo): Promise<void>
  deleteReplicator(peer: PeerInfo): Promise<void>
  addP2PCollections(names: readonly string[]): Promise<void>
  removeP2PCollections(names: readonly string[]): Promise<void>
  getAllP2PCollections(): Promise<readonly string[]>
  addP2PDocuments(docIDs: readonly string[]): Promise<void>
  removeP2PDocuments(docIDs: readonly string[]): Promise<void>
  getAllP2PDocuments(): Promise<readonly string[]>
  syncDocuments(collection: string, docIDs: readonly string[]): Promise<void>
  close(): Promise<void>
}

export async function createNode(options: NodeOptions): Promise<Adapter> {
  return adapt(await openNode(options))
}

/** The database of a node of a case. */
export async function openNode(options: NodeOptions): Promise<Database> {
  if (options.enableSigning === true) throw unsupported('signing')
  if (options.enableNAC === true) throw unsupported('node access control')
  if (options.kms !== null && options.kms !== undefined) throw unsupported('key exchange')
  const before = options.previousPeerInfo?.addresses.map((address) => address.replace(/\/p2p\/.*$/, ''))
  const listen = before ?? options.p2p?.listenAddresses
  return openDatabase({
    name: `node-${options.index}`,
    ...(options.storePath === null ? { storage: 'memory' } : { path: join(options.storePath, 'warren') }),
    // The reference's tests do not wait half a minute either.
    p2p: listen === undefined ? false : { listen, replicatorRetryIntervals: [0.5] },
  })
}

/** Drives any database. */
export function adapt(database: Database): Adapter {
  const within = (options: { readonly txn?: Transaction | null }): Requests => options.txn ?? database
  const described = async (versions: readonly CollectionVersion[], from: Requests): Promise<readonly CollectionDescription[]> => {
    const all = await from.collections.describe({ includeInactive: true })
    return versions.map((version) => collectionToJson(version, all))
  }
  return {
    addSchema: async (sdl) => described(await database.schema.add(sdl), database),
    getCollections: async (filter, options = {}) => {
      const from = within(options)
      return described(await from.collections.describe(filter), from)
    },
    getSchemas: ({ versionID, root, name }) =>
      database.schema.describe({
        ...(versionID === undefined ? {} : { versionID }),
        ...(root === undefined ? {} : { root }),
        ...(name === undefined ? {} : { name }),
      }),
    patchSchema: async (patch, { setAsDefault, lens }) => {
      if (lens !== null) throw unsupported('migrations')
      await database.schema.patch(patch, { setActive: setAsDefault })
    },
    patchCollection: async (patch) => {
      await database.collections.patch(patch)
    },
    setActiveSchemaVersion: (versionID) => database.schema.setActive(versionID),
    createDoc: async (collection, document, options = {}) => {
      plainOnly(options)
      const parsed = fromJson(document)
      const target = within(options).collection<object>(collection)
      if (!Array.isArray(parsed)) return [await target.create(asObject(parsed))]
      const documents: readonly object[] = parsed
      return target.create(documents)
    },
    updateDoc: (collection, docID, json, options = {}) => {
      plainOnly(options)
      return within(options)
        .collection<object>(collection)
        .update(docID, asObject(fromJson(json)))
    },
    deleteDoc: async (collection, docID, options = {}) => {
      plainOnly(options)
      await within(options).collection(collection).delete(docID)
    },
    updateWithFilter: async (collection, filter, updater, options = {}) => {
      plainOnly(options)
      return {
        docIDs: await within(options)
          .collection<object>(collection)
          .updateMany(filter, fromJson(updater) as object),
      }
    },
    createIndex: (collection, index) => database.indexes.create(collection, index),
    dropIndex: (collection, name) => database.indexes.drop(collection, name),
    getIndexes: (collection) => database.indexes.list(collection),
    request: (query, options = {}) => {
      plainOnly(options)
      const { operationName, variables } = options
      const given = {
        ...(operationName === undefined || operationName === '' ? {} : { operationName }),
        ...(variables === undefined ? {} : { variables }),
      }
      return /^\s*subscription\b/.test(query)
        ? Promise.resolve({ subscription: database.subscribe(query, given) })
        : within(options).execute(query, given)
    },
    newTxn: () => database.beginTransaction(),
    basicExport: async ({ filepath, pretty, collections }) => {
      await using file = await opened('create', filepath, 'w')
      await file.writeFile(database.backup.export({ pretty, collections }))
    },
    basicImport: async (filepath) => {
      await using file = await opened('open', filepath, 'r')
      await database.backup.import(file.createReadStream())
    },
    peerInfo: () => database.p2p.info(),
    connect: (peer) => database.p2p.connect(addressOf(peer)),
    setReplicator: (peer) => database.p2p.replicators.set(addressOf(peer)),
    deleteReplicator: ({ id }) => database.p2p.replicators.delete(id),
    addP2PCollections: (names) => database.p2p.collections.add(names),
    removeP2PCollections: (names) => database.p2p.collections.remove(names),
    getAllP2PCollections: () => database.p2p.collections.getAll(),
    addP2PDocuments: (docIDs) => database.p2p.documents.add(docIDs),
    removeP2PDocuments: (docIDs) => database.p2p.documents.remove(docIDs),
    getAllP2PDocuments: () => database.p2p.documents.getAll(),
    syncDocuments: (collection, docIDs) => database.p2p.documents.sync(collection, docIDs),
    close: () => database.close(),
  }
}

function addressOf({ id, addresses }: PeerInfo): string {
  const [address] = addresses
  if (address === undefined) throw new Error(`node ${id} listens nowhere`)
  return address
}

/** Names of files are no business of a database that runs in browsers; the words are the reference's. */
async function opened(what: 'create' | 'open', path: string, flags: 'r' | 'w'): Promise<FileHandle> {
  try {
    return await open(path, flags)
  } catch (error) {
    throw new Error(`failed to ${what} file: ${messageOf(error)}`, { cause: error })
  }
}

/** What needs identities or encryption cannot be run yet. */
export function plainOnly(options: Pick<WriteOptions, 'identity' | 'encrypted' | 'encryptedFields'>): void {
  if (options.identity !== undefined && options.identity !== null) throw unsupported('identities')
  if (options.encrypted === true || (options.encryptedFields ?? []).length > 0) throw unsupported('encryption')
}

function fromJson(document: unknown): unknown {
  return typeof document === 'string' ? parseDocumentJson(document) : document
}

function asObject(value: unknown): object {
  if (typeof value !== 'object' || value === null) throw new TypeError(`not a document: ${String(value)}`)
  return value
}

export function unsupported(feature: string): Error {
  return Object.assign(new Error(`${feature}: not there yet`), { code: 'UNSUPPORTED' })
}
