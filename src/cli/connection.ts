import type { Database } from '../database/database.ts'
import { DEFAULT_API_PORT } from '../http/paths.ts'

/** What commands ask of a node beside its database. */
export interface NodeControl {
  /** Begins a transaction that the node keeps until it is ended by its ID, or has not been used for long. */
  beginTransaction(options: { readonly readOnly: boolean }): Promise<{ readonly id: string }>
  /** @throws NOT_FOUND for an ID the node does not keep, CONFLICT */
  commitTransaction(id: string): Promise<void>
  /** @throws NOT_FOUND for an ID the node does not keep */
  discardTransaction(id: string): Promise<void>
  /** Deletes everything that the node stores. @throws UNSUPPORTED when the node was not started for development */
  purge(): Promise<void>
  /** The public side of the node's identity, when it has one. */
  nodeIdentity(): Promise<NodeIdentity | undefined>
}

export interface NodeIdentity {
  /** Hex of the compressed public key. */
  readonly publicKey: string
  /** `did:key:…` */
  readonly did: string
}

export interface Connection {
  /** Closed by the program when the command has ended. With a transaction, its requests run inside that. */
  readonly database: Database
  readonly node: NodeControl
}

export interface ConnectOptions {
  /** With scheme, such as `http://127.0.0.1:9181`. */
  readonly url: string
  /** The ID of a transaction that `beginTransaction` gave. */
  readonly transaction?: string
  readonly signal: AbortSignal
}

/** Makes the connection of a client command. It may connect with the first request only. @throws UNREACHABLE */
export type Connect = (options: ConnectOptions) => Promise<Connection>

/** The URL that a client connects to for an address, which may be one that a node listens on. */
export function addressToUrl(address: string): string {
  const trimmed = address.replace(/\/+$/, '')
  if (/^https?:\/\//.test(trimmed)) return trimmed
  const [, host = trimmed, port = String(DEFAULT_API_PORT)] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(trimmed) ?? []
  return `http://${EVERYWHERE.has(host) ? '127.0.0.1' : host}:${port}`
}

/** Hosts that stand for all interfaces when a node listens, and for nothing that could be connected to. */
const EVERYWHERE: ReadonlySet<string> = new Set(['', '0.0.0.0', '[::]'])
