import { DatabaseError } from '../errors.ts'
import type { QueryLimits } from '../query/limits.ts'
import type { DialectName } from '../schema/dialect-name.ts'
import type { HeldLock } from '../storage/owner-lock.ts'
import type { Store } from '../storage/store.ts'
import type { Pacing } from '../util/pacer.ts'
import type { Randomness } from '../util/randomness.ts'
import { openCollection } from './collection.ts'
import type { Database, DatabaseStatus, P2PApi, Requests, Transaction, TransactionOptions } from './database.ts'
import type { EmbedderOptions } from './embedding/embedder.ts'
import { openEngineCore, type EngineCore } from './engine.ts'
import { backupApi } from './backup-api.ts'
import { blocksApi } from './blocks-api.ts'
import { dump } from './dump.ts'
import { execute } from './execute.ts'
import { indexApi } from './index-api.ts'
import { createReplica } from './local-replica.ts'
import type { AttachedNetwork, AttachNetwork } from './replica.ts'
import { runTransaction } from './run-transaction.ts'
import { addSchema, collectionsApi, schemaApi } from './schema-api.ts'
import { databaseSession, transactionSession, type Session } from './session.ts'
import { subscribe } from './subscribe.ts'
import { watch } from './watch.ts'

/** What a platform puts together for a database; opening takes them over and closing frees them, in reverse. */
export interface DatabaseParts {
  readonly name: string
  readonly lock?: HeldLock
  readonly store: Store
  readonly storageKind: DatabaseStatus['storage']['kind']
  readonly schema?: string
  /** Default '0.19'. */
  readonly dialect?: DialectName
  /** Absent when vectors are made by the known providers, without keys. */
  readonly embedding?: EmbedderOptions
  readonly queryLimits?: QueryLimits | undefined
  /** For tests that count; else the clock decides when work rests. */
  readonly pacing?: Pacing
  /** For tests that want the same commits again; else the machine's. */
  readonly randomness?: Randomness
  /** Absent for a database without network. */
  readonly network?: AttachNetwork
}

/** Opens a database over its parts. When that fails, the parts are freed again. */
export async function openLocalDatabase(parts: DatabaseParts): Promise<Database> {
  try {
    const { dialect, queryLimits: limits, pacing, embedding, randomness } = parts
    const core = await openEngineCore(parts.store, { dialect, limits, pacing, embedding, randomness })
    if (parts.schema !== undefined) await addSchema(databaseSession(core), parts.schema, 'skip')
    const network = await parts.network?.(createReplica(core))
    return localDatabase(parts, core, network)
  } catch (error) {
    await parts.store.close()
    await parts.lock?.release()
    throw error
  }
}

function localDatabase(parts: DatabaseParts, core: EngineCore, network: AttachedNetwork | undefined): Database {
  const { name } = parts
  const p2p = network?.p2p ?? noNetwork()
  const ending = new AbortController()
  let closing: Promise<void> | undefined

  function openOnly(): void {
    if (closing !== undefined)
      throw new DatabaseError('CLOSED', `the database "${name}" is closed; open it again`, { what: `database "${name}"` })
  }

  async function close(): Promise<void> {
    ending.abort()
    await network?.close()
    core.embedder.close()
    await core.writer.close()
    await parts.store.close()
    await parts.lock?.release()
    core.events.emit('close', { reason: 'closed' })
  }

  async function beginTransaction(options: TransactionOptions = {}): Promise<Transaction> {
    openOnly()
    return openTransaction(await transactionSession(core, options.readOnly === true))
  }

  const unguarded = databaseSession(core)
  const session: Session = {
    ...unguarded,
    catalog: () => {
      openOnly()
      return unguarded.catalog()
    },
    read: async (body) => {
      openOnly()
      return unguarded.read(body)
    },
  }
  return {
    name,
    ...requestsOf(session),
    watch: (query, options = {}) => {
      openOnly()
      return watch(core, query, options, ending.signal)
    },
    subscribe: (request, options = {}) => {
      openOnly()
      return subscribe(core, request, options, ending.signal)
    },
    beginTransaction,
    transaction: (body, options) => runTransaction(() => beginTransaction(options), body, options?.retries),
    p2p,
    backup: backupApi(core, session, ending.signal),
    blocks: blocksApi(session),
    dump: (options = {}) => {
      openOnly()
      return dump(core.store, options)
    },
    events: core.events.target,
    status: async () => ({
      name,
      storage: { kind: parts.storageKind, ...(await parts.store.usage()) },
      peers: network === undefined ? 0 : (await p2p.peers()).length,
      pendingReplicators: network === undefined ? 0 : (await p2p.replicators.getAll()).filter(({ pending }) => pending.length > 0).length,
    }),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

/** What can be asked of a database and of a transaction alike. */
function requestsOf(session: Session): Requests {
  return {
    execute: async (request, options) => execute(session, request, options),
    collection: (name) => openCollection(session, name),
    schema: schemaApi(session),
    collections: collectionsApi(session),
    indexes: indexApi(session),
  }
}

function openTransaction(session: Awaited<ReturnType<typeof transactionSession>>): Transaction {
  const { isReadOnly, commit, discard } = session
  const discarded = async (): Promise<void> => discard()
  return { ...requestsOf(session), isReadOnly, commit, discard: discarded, [Symbol.asyncDispose]: discarded }
}

/** The API of a database without network. */
export function noNetwork(): P2PApi {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError('UNSUPPORTED', 'the network is off (p2p: false, or --no-p2p): open the database with it to do this', {
      feature: 'p2p',
    })
  }
  return {
    info: refuse,
    connect: refuse,
    invite: refuse,
    readInvite: refuse,
    disconnect: refuse,
    peers: refuse,
    relays: refuse,
    refused: refuse,
    block: refuse,
    unblock: refuse,
    blocked: refuse,
    explain: refuse,
    collections: { add: refuse, remove: refuse, getAll: refuse },
    documents: { add: refuse, remove: refuse, getAll: refuse, sync: refuse },
    replicators: { set: refuse, delete: refuse, getAll: refuse },
  }
}
