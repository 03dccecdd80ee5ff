import { DatabaseError, isFailure } from '../errors.ts'
import type { RequestOptions, RequestResult } from '../query/result.ts'
import type { HeldLock } from '../storage/owner-lock.ts'
import { openCollection } from './collection.ts'
import { consistentRead } from './consistent-read.ts'
import type { Database, DatabaseStatus, P2PApi } from './database.ts'
import { readSource, writeSource } from './document-source.ts'
import { openEngineCore, type EngineCore } from './engine.ts'
import { createReplica } from './local-replica.ts'
import type { AttachedNetwork, AttachNetwork } from './replica.ts'
import type { Store } from '../storage/store.ts'
import type { WrittenCommit } from './write-documents.ts'

/** What a platform puts together for a database; opening takes them over and closing frees them, in reverse. */
export interface DatabaseParts {
  readonly name: string
  readonly lock?: HeldLock
  readonly store: Store
  readonly storageKind: DatabaseStatus['storage']['kind']
  readonly schema?: string
  /** Absent for a database without network. */
  readonly network?: AttachNetwork
}

/** Opens a database over its parts. When that fails, the parts are freed again. */
export async function openLocalDatabase(parts: DatabaseParts): Promise<Database> {
  try {
    const core = await openEngineCore(parts.store)
    if (parts.schema !== undefined) await core.addSchema(parts.schema, 'skip')
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
  let closing: Promise<void> | undefined

  function openOnly(): void {
    if (closing !== undefined)
      throw new DatabaseError('CLOSED', `the database "${name}" is closed; open it again`, { what: `database "${name}"` })
  }

  async function close(): Promise<void> {
    await network?.close()
    await core.writer.close()
    await parts.store.close()
    await parts.lock?.release()
    core.events.emit('close', { reason: 'closed' })
  }

  return {
    name,
    execute: async (request, options) => {
      openOnly()
      return execute(core, request, options)
    },
    collection: (collectionName) => {
      openOnly()
      return openCollection(core, collectionName)
    },
    schema: {
      add: async (sdl) => {
        openOnly()
        return core.addSchema(sdl, 'refuse')
      },
    },
    collections: {
      describe: async (filter = {}) =>
        core
          .catalog()
          .versions.filter(
            (version) =>
              (filter.includeInactive === true || version.isActive) &&
              (filter.name ?? version.name) === version.name &&
              (filter.versionID ?? version.versionId) === version.versionId &&
              (filter.collectionID ?? version.collectionId) === version.collectionId,
          ),
    },
    p2p,
    events: core.events.target,
    status: async () => ({
      name,
      storage: { kind: parts.storageKind, ...(await parts.store.usage()) },
      peers: network === undefined ? 0 : (await p2p.peers()).length,
    }),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

/**
 * A query reads one state. A mutation is one write: all of its changes are stored together, or none when any part of it failed.
 */
async function execute(core: EngineCore, request: string, options?: RequestOptions): Promise<RequestResult> {
  const engine = core.catalog().engine()
  if (engine.operationKind(request, options) !== 'mutation') {
    return consistentRead(core.store, core.writer, (view) => engine.execute(request, readSource(view), options), options?.signal)
  }
  let result: RequestResult | undefined
  try {
    await core.write(
      {
        name: 'a mutation',
        body: async (view) => {
          const written: WrittenCommit[] = []
          result = await engine.execute(request, writeSource(view, written), options)
          if (result.errors !== undefined) throw new RolledBack()
          return written
        },
      },
      options?.signal,
    )
  } catch (error) {
    if (error instanceof RolledBack) return { ...result, data: null }
    if (!isFailure(error)) throw error
    return { data: null, errors: [{ message: error.message, extensions: { code: error.code } }] }
  }
  return result ?? { data: null }
}

/** Leaves the write without storing anything; the reason stands in the result already. */
class RolledBack extends Error {}

function noNetwork(): P2PApi {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError('UNSUPPORTED', 'the database was opened with p2p: false; open it with a p2p option to use the network', {
      feature: 'p2p',
    })
  }
  return { info: refuse, connect: refuse, disconnect: refuse, peers: refuse, relays: refuse }
}
