import type { Database, DatabaseStatus, DumpedEntry, Requests, Transaction, TransactionOptions } from '../database/database.ts'
import { runTransaction } from '../database/run-transaction.ts'
import { isFailure } from '../errors.ts'
import { hexToBytes } from '../util/bytes.ts'
import { endingIterable } from '../util/ending-iterable.ts'
import type { RequestOptions, RequestResult } from '../query/result.ts'
import { httpBackup } from './client/backup.ts'
import { connectTo, type Connection } from './client/connection.ts'
import { remoteEvents } from './client/events.ts'
import { httpPeers } from './client/peers.ts'
import { httpRequests } from './client/requests.ts'
import type { NodeIdentity } from './route.ts'

export interface HttpOptions {
  /** Where the node serves its API: `http://127.0.0.1:9181` unless it is given. A port or host alone is enough. */
  readonly url?: string
  /** Ends everything, streams included. */
  readonly signal?: AbortSignal
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
  /** Told when the stream behind `events` has begun, and when it has ended and is asked for again: what happened in between, nobody is told. */
  readonly onEvents?: (isOpen: boolean) => void
}

/** A database elsewhere, and what only its server can do. */
export interface HttpDatabase extends Database {
  readonly url: string
  /** A transaction that was begun before, by the number that `transactionID` gave; it is not checked before it is used. */
  resumeTransaction(id: string): Transaction
  /** The number under which other clients of the server can go on with a transaction. */
  transactionID(transaction: Transaction): string | undefined
  /** Discards a transaction by its number. @throws NOT_FOUND when it is over already */
  discardTransaction(id: string): Promise<void>
  /** The public identity of the node, if it has one. */
  identity(): Promise<NodeIdentity | undefined>
  /** Deletes everything. @throws FORBIDDEN unless the node was started for development */
  purge(): Promise<void>
}

/**
 * A node that serves its HTTP API, as a `Database`: everything works as in process, over `fetch`. Nothing is asked before it is needed, so a server that is not
 * there shows at the first call, as UNREACHABLE. `close` ends the streams of this client; the node goes on.
 * @throws INVALID_ARGUMENT for a wrong `url`
 */
export function openHttpDatabase(options: HttpOptions = {}): HttpDatabase {
  const connection = connectTo(options)
  const events = remoteEvents(connection, options.onEvents)
  const idByTransaction = new WeakMap<Transaction, string>()

  async function discardTransaction(id: string): Promise<void> {
    await connection.send('DELETE', ['tx', id])
  }

  function resumeTransaction(id: string, isReadOnly = false): Transaction {
    const inside = connection.within(id)
    const discard = async (): Promise<void> => {
      try {
        await discardTransaction(id)
      } catch (error) {
        // It is over already, which is what was wanted.
        if (!isFailure(error, 'NOT_FOUND')) throw error
      }
    }
    const transaction: Transaction = {
      ...httpRequests(inside),
      isReadOnly,
      commit: async () => {
        await connection.send('POST', ['tx', id])
      },
      discard,
      [Symbol.asyncDispose]: discard,
    }
    idByTransaction.set(transaction, id)
    return transaction
  }

  async function beginTransaction({ readOnly = false }: TransactionOptions = {}): Promise<Transaction> {
    const begun = await connection.json<{ readonly id: number }>('POST', ['tx'], { query: { read_only: String(readOnly) } })
    return resumeTransaction(String(begun.id), readOnly)
  }

  const close = async (): Promise<void> => connection.close()
  const requests: Requests = httpRequests(connection)
  return {
    name: connection.url,
    url: connection.url,
    ...requests,
    watch: (query, given) => results(connection, query, true, given),
    subscribe: (request, given) => results(connection, request, false, given),
    transaction: (body, given) => runTransaction(() => beginTransaction(given), body, given?.retries),
    beginTransaction,
    resumeTransaction: (id) => resumeTransaction(id),
    discardTransaction,
    transactionID: (begun) => idByTransaction.get(begun),
    p2p: httpPeers(connection),
    backup: httpBackup(connection),
    blocks: {
      verifySignature: async (cid, publicKey, { type = 'secp256k1', signal } = {}) => {
        await connection.send('GET', ['block', 'verify-signature'], { query: { cid, 'public-key': publicKey, type }, signal })
      },
    },
    events,
    status: () => connection.json<DatabaseStatus>('GET', ['status']),
    dump: (given) => dump(connection, given?.signal),
    identity: async () => (await connection.json<NodeIdentity | null>('GET', ['node', 'identity'])) ?? undefined,
    purge: async () => {
      await connection.send('POST', ['purge'])
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A subscription, or a query and its changes. What is wrong with the request is the only result, as in process. */
function results(connection: Connection, query: string, watch: boolean, options: RequestOptions = {}): AsyncIterable<RequestResult> {
  const { variables, operationName, signal: given } = options
  const kind = watch ? { watch } : {}
  return endingIterable(
    async function* (signal) {
      const body = {
        query,
        ...kind,
        ...(variables === undefined ? {} : { variables }),
        ...(operationName === undefined ? {} : { operationName }),
      }
      for await (const { data } of connection.events('POST', ['graphql'], { body, signal })) yield data as RequestResult
    },
    [given],
  )
}

async function* dump(connection: Connection, signal: AbortSignal | undefined): AsyncGenerator<DumpedEntry, void> {
  for await (const { data } of connection.events('GET', ['debug', 'dump'], { signal })) {
    const { kind, key, value } = data as { readonly kind: string; readonly key: string; readonly value: string }
    yield { kind, key: hexToBytes(key), value: hexToBytes(value) }
  }
}
