import { DatabaseError } from '../src/errors.ts'

export interface RelayOptions {
  /** TCP port of the WebSocket listener; 0 takes a free one. */
  readonly port?: number
  /** Interface to listen on. */
  readonly host?: string
  /** Folder that keeps the relay's key. Without it the relay has a new identity at each start. */
  readonly directory?: string
  /** Multiaddrs to tell others instead of the ones listened on, for a relay behind a proxy or a NAT. */
  readonly announce?: readonly string[]
}

export interface RelayStats {
  /** Nodes connected to the relay now. */
  readonly connections: number
  readonly reservations: number
  /** Topics somebody is in, and how many are in them altogether. */
  readonly topics: number
  readonly members: number
  /** Messages that were dropped because they broke a rule. */
  readonly dropped: number
}

export interface Relay {
  readonly peerId: string
  /** Multiaddrs with the peer ID: what goes into `p2p.relays`. */
  readonly addresses: readonly string[]
  stats(): RelayStats
  close(): Promise<void>
}

/** Starts a relay. @throws IN_USE when the port is taken, INVALID_ADDRESS for a wrong `announce`. */
export function startRelay(options: RelayOptions): Promise<Relay> {
  return Promise.reject(new DatabaseError('UNSUPPORTED', `the relay is not built yet (${String(options)})`, { feature: 'relay' }))
}
