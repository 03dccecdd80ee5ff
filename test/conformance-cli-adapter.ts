import { tmpdir } from 'node:os'

import { run } from '../src/cli/cli.testkit.ts'
import { connectOverHttp } from '../src/cli/http-connection.ts'
import type { Database } from '../src/database/database.ts'
import { jsonText } from '../src/document/json-text.ts'
import { parseDocumentJson } from '../src/document/json.ts'
import { nodeFiles } from '../src/http/files.node.ts'
import { serveHttp } from '../src/http/server.node.ts'
import { openNode, plainOnly, unsupported, type NodeOptions, type PeerInfo, type WriteOptions } from './conformance-adapter.ts'

/** Lets the behaviour cases drive WarrenDB by its command line: each call is one, of a client that asks a server over a socket. */
export const clientType = 'cli'

interface InTransaction {
  readonly txn?: { readonly id: string } | null
}

type Write = Omit<WriteOptions, 'txn'> & InTransaction

export async function createNode(options: NodeOptions): Promise<object> {
  const database = await openNode(options)
  const subscribed = new EventTarget()
  const served: Database = {
    ...database,
    subscribe: (request, given) => {
      subscribed.dispatchEvent(new Event('subscribed'))
      return database.subscribe(request, given)
    },
  }
  const server = await serveHttp({ database: () => served, files: nodeFiles }, { host: '127.0.0.1', port: 0 })
  const ending = new AbortController()

  /** Runs a command and gives what it printed. @throws what it said on standard error, where it printed nothing */
  async function client(
    words: readonly string[],
    { input = '', txn, onOut }: InTransaction & { readonly input?: string; readonly onOut?: (text: string) => void } = {},
  ): Promise<string> {
    const global = ['client', '--url', server.url, ...(txn === null || txn === undefined ? [] : ['--tx', txn.id])]
    const given = { input: [input], cwd: tmpdir(), home: tmpdir(), signal: ending.signal, ...(onOut === undefined ? {} : { onOut }) }
    const { code, out, err } = await run([...global, ...words], { connect: connectOverHttp }, given)
    if (code !== 0 && out === '') throw new Error(err.replace(/^Error: /, '').trimEnd())
    return out
  }

  async function json<T>(words: readonly string[], options: Parameters<typeof client>[1] = {}): Promise<T> {
    return parseDocumentJson(await client(words, options)) as T
  }

  /** A value of an option, so that it may begin with a dash. */
  const given = (option: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [`--${option}=${value}`])
  const peer = ({ id, addresses }: PeerInfo): string => JSON.stringify({ ID: id, Addrs: addresses })
  const text = (value: unknown): string => (typeof value === 'string' ? value : jsonText(value))

  return {
    addSchema: (sdl: string) => json(['schema', 'add', '-'], { input: sdl }),
    getCollections: (
      filter: { readonly name?: string; readonly versionID?: string; readonly collectionID?: string; readonly includeInactive?: boolean },
      options: InTransaction = {},
    ) =>
      json(
        [
          'collection',
          'describe',
          ...given('name', filter.name),
          ...given('version-id', filter.versionID),
          ...given('collection-id', filter.collectionID),
          ...(filter.includeInactive === true ? ['--get-inactive'] : []),
        ],
        options,
      ),
    getSchemas: async ({ versionID, root, name }: { readonly versionID?: string; readonly root?: string; readonly name?: string }) =>
      [await json(['schema', 'describe', ...given('version', versionID), ...given('root', root), ...given('name', name)])].flat(),
    patchSchema: async (patch: string, { setAsDefault, lens }: { readonly setAsDefault: boolean; readonly lens: unknown }) => {
      if (lens !== null) throw unsupported('migrations')
      await client(['schema', 'patch', '-', ...(setAsDefault ? ['--set-active'] : [])], { input: patch })
    },
    patchCollection: (patch: string) => client(['collection', 'patch', '-'], { input: patch }),
    setActiveSchemaVersion: (versionID: string) => client(['schema', 'set-active', '--', versionID]),
    createDoc: async (collection: string, document: unknown, options: Write = {}) => {
      plainOnly(options)
      const { DocIDs } = await json<{ readonly DocIDs: readonly string[] }>(['collection', 'create', '--name', collection, '-'], {
        ...options,
        input: text(document),
      })
      return DocIDs
    },
    updateDoc: (collection: string, docID: string, patch: unknown, options: Write = {}) => {
      plainOnly(options)
      return client(['collection', 'update', '--name', collection, '--docID', docID, '-'], { ...options, input: text(patch) })
    },
    deleteDoc: (collection: string, docID: string, options: Write = {}) => {
      plainOnly(options)
      return client(['collection', 'delete', '--name', collection, '--docID', docID], options)
    },
    updateWithFilter: async (collection: string, filter: unknown, updater: unknown, options: Write = {}) => {
      plainOnly(options)
      const words = ['collection', 'update', '--name', collection, `--filter=${text(filter)}`, '-']
      const { DocIDs } = await json<{ readonly DocIDs: readonly string[] }>(words, { ...options, input: text(updater) })
      return { docIDs: DocIDs }
    },
    createIndex: (
      collection: string,
      index: {
        readonly name?: string
        readonly unique?: boolean
        readonly fields: readonly { readonly name: string; readonly descending?: boolean }[]
      },
    ) =>
      json([
        'index',
        'create',
        '-c',
        collection,
        ...given('fields', index.fields.map((field) => `${field.name}:${field.descending === true ? 'DESC' : 'ASC'}`).join(',')),
        ...(index.name === undefined || index.name === '' ? [] : given('name', index.name)),
        ...(index.unique === true ? ['--unique'] : []),
      ]),
    dropIndex: (collection: string, name: string) => client(['index', 'drop', '-c', collection, ...given('name', name)]),
    getIndexes: (collection: string) => json(['index', 'list', '-c', collection]),
    request: async (
      query: string,
      options: InTransaction & { readonly operationName?: string; readonly variables?: unknown; readonly identity?: unknown } = {},
    ) => {
      plainOnly(options)
      const words = [
        'query',
        '-',
        ...(options.operationName === undefined || options.operationName === '' ? [] : given('operation', options.operationName)),
        ...(options.variables === undefined ? [] : given('variables', jsonText(options.variables))),
      ]
      const { txn } = options
      if (/^\s*subscription\b/.test(query)) {
        // A command says nothing before its first result; what the case does next has to come after it has begun.
        const begun = new Promise((resolve) => subscribed.addEventListener('subscribed', resolve, { once: true }))
        const subscription = follow((onOut) => client(words, { input: query, onOut }))
        await begun
        return { subscription }
      }
      return json(words, { input: query, ...(txn === undefined ? {} : { txn }) })
    },
    newTxn: async () => {
      const { id } = await json<{ readonly id: unknown }>(['tx', 'create'])
      let isOver = false
      return {
        id: String(id),
        commit: () => {
          isOver = true
          return client(['tx', 'commit', String(id)])
        },
        // A case discards a transaction that could not be committed, which is over then.
        discard: async () => (isOver ? '' : client(['tx', 'discard', String(id)])),
      }
    },
    basicExport: ({
      filepath,
      format,
      pretty,
      collections,
    }: {
      readonly filepath: string
      readonly format?: string
      readonly pretty?: boolean
      readonly collections?: readonly string[]
    }) =>
      client([
        'backup',
        'export',
        filepath,
        ...(format === undefined || format === '' ? [] : given('format', format)),
        ...(pretty === true ? ['--pretty'] : []),
        ...((collections ?? []).length === 0 ? [] : given('collections', collections?.join(','))),
      ]),
    basicImport: (filepath: string) => client(['backup', 'import', filepath]),
    peerInfo: async () => {
      const { ID, Addrs } = await json<{ readonly ID: string; readonly Addrs: readonly string[] }>(['p2p', 'info'])
      return { id: ID, addresses: Addrs }
    },
    connect: (other: PeerInfo) => client(['p2p', 'connect', peer(other)]),
    setReplicator: (other: PeerInfo) => client(['p2p', 'replicator', 'set', peer(other)]),
    deleteReplicator: (other: PeerInfo) => client(['p2p', 'replicator', 'delete', peer(other)]),
    addP2PCollections: (names: readonly string[]) => client(['p2p', 'collection', 'add', '--', names.join(',')]),
    removeP2PCollections: (names: readonly string[]) => client(['p2p', 'collection', 'remove', '--', ...names]),
    getAllP2PCollections: () => json(['p2p', 'collection', 'getall']),
    addP2PDocuments: (docIDs: readonly string[]) => client(['p2p', 'document', 'add', '--', ...docIDs]),
    removeP2PDocuments: (docIDs: readonly string[]) => client(['p2p', 'document', 'remove', '--', ...docIDs]),
    getAllP2PDocuments: () => json(['p2p', 'document', 'getall']),
    syncDocuments: (collection: string, docIDs: readonly string[]) => client(['p2p', 'document', 'sync', collection, ...docIDs]),
    close: async () => {
      ending.abort()
      await server.close()
      await database.close()
    },
  }
}

/** The results that a subscription prints, a line each. */
function follow(start: (onOut: (text: string) => void) => Promise<string>): AsyncIterable<unknown> {
  const stream = new ReadableStream<unknown>({
    start: (controller) => {
      const ended = start((line) => {
        try {
          controller.enqueue(parseDocumentJson(line))
        } catch {
          // Nobody listens any more.
        }
      })
      ended
        .then(
          () => controller.close(),
          (error: unknown) => controller.error(error),
        )
        .catch(() => {})
    },
  })
  return { [Symbol.asyncIterator]: () => stream.values() }
}
