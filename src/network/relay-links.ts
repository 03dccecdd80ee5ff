import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

import type { RelayStatus } from '../database/database.ts'
import { messageOf } from '../errors.ts'
import { equalBytes } from '../util/bytes.ts'
import { pause, within, type Clock } from '../util/clock.ts'
import type { Randomness } from '../util/randomness.ts'
import type { RelayAddress } from './addresses.ts'
import { createBackoff } from './backoff.ts'
import type { Host } from './host.ts'
import type { IceServers } from './ice-servers.ts'
import { MAX_KNOWN_PEERS, RELAY_NEWS_AT_ONCE, RELAY_NEWS_PER_SECOND, RELAY_PATIENCE } from './limits.ts'
import { createBucket } from './message-budget.ts'
import { WHO_PROTOCOL, type Presence } from './messages.ts'
import { openStream } from './open-stream.ts'
import { openWho, type WhoClient } from './who.ts'

/**
 * The node's links to its relays. Each has a loop of its own that connects, stays and comes back: libp2p's own reconnecting gives up after one attempt where
 * a WebSocket fails, since a browser reports that as an event and not as an error.
 */
export interface RelayLinks {
  statuses(): readonly RelayStatus[]
  /** Whether this is the ID of one of the relays. */
  isRelay(peer: string): boolean
  /** The relays; those that are connected first. */
  all(): readonly RelayAddress[]
  /** Keeps a link to one more relay; to one that is there already nothing changes. */
  add(relay: RelayAddress): Promise<void>
  /** Says at every relay what the node is interested in. */
  join(topics: readonly Uint8Array[]): void
  /** Where a peer is at the moment, as the relays say. */
  whereIs(peer: string): readonly Whereabouts[]
  /** Tries at once what waits, and asks the relays whether they are still there. */
  wake(): void
  close(): Promise<void>
}

/** A relay at which a peer can be reached, and the run of the peer that is there. */
export interface Whereabouts {
  readonly relay: Multiaddr
  readonly session: Uint8Array
}

export interface RelayLinksOptions {
  readonly host: Host
  readonly relays: readonly RelayAddress[]
  /** Told of the STUN services of the relays. */
  readonly iceServers: Pick<IceServers, 'learn' | 'forget'>
  /** This run of this node. */
  readonly session: Uint8Array
  readonly onChange: (status: RelayStatus) => void
  /** A relay says that a peer is there, for the first time or with a new session. */
  readonly onPresent: (peer: string) => void
  /** A relay says that a peer has left. */
  readonly onGone: (peer: string) => void
  readonly onDropped: (relay: string, reason: string) => void
  readonly clock: Clock
  readonly randomness: Randomness
}

/** From half a second to five: a relay that restarts is back in seconds, and one that stays away costs little. */
const BACKOFF = { first: 500, factor: 1.5, longest: 5000 }
const DIAL_TIMEOUT = 5000
/** A node joins once it can be reached, or after this time when the relay gives it no reservation: it can still dial others. */
const RESERVATION_PATIENCE = 1500

export function createRelayLinks(options: RelayLinksOptions): RelayLinks {
  const links = new Map(options.relays.map((relay) => [relay.peer, createLink(relay, options)]))
  let topics: readonly Uint8Array[] = []
  let isClosed = false
  return {
    statuses: () => [...links.values()].map((link) => link.status()),
    isRelay: (peer) => links.has(peer),
    all: () => [...links.values()].toSorted((a, b) => Number(b.isConnected()) - Number(a.isConnected())).map(({ relay }) => relay),
    add: async (relay) => {
      if (links.has(relay.peer) || isClosed) return
      // First what asks for the reservation, then the connection that answers.
      const reserving = options.host.reserveAnother()
      const link = createLink(relay, options)
      links.set(relay.peer, link)
      link.join(topics)
      await reserving
    },
    join: (next) => {
      topics = next
      for (const link of links.values()) link.join(topics)
    },
    whereIs: (peer) => [...links.values()].flatMap((link) => link.whereIs(peer) ?? []),
    wake: () => {
      for (const link of links.values()) link.wake()
    },
    close: async () => {
      isClosed = true
      await Promise.all([...links.values()].map((link) => link.close()))
    },
  }
}

interface Link {
  readonly relay: RelayAddress
  status(): RelayStatus
  isConnected(): boolean
  join(topics: readonly Uint8Array[]): void
  whereIs(peer: string): Whereabouts | undefined
  wake(): void
  close(): Promise<void>
}

function createLink(relay: RelayAddress, options: RelayLinksOptions): Link {
  const { host, iceServers, session, onChange, onPresent, onGone, onDropped, clock, randomness } = options
  const { node } = host
  const closing = new AbortController()
  const sessions = new Map<string, Uint8Array>()
  const backoff = createBackoff(BACKOFF, randomness)
  let takeNews = createBucket(clock, RELAY_NEWS_AT_ONCE, RELAY_NEWS_PER_SECOND)
  let state: RelayStatus['state'] = 'connecting'
  let lastError: string | undefined
  let topics: readonly Uint8Array[] = []
  let who: WhoClient | undefined
  /** What the relay has done on this connection that it may not do. */
  let faults = 0
  let waking = new AbortController()

  function status(): RelayStatus {
    return { address: relay.address.toString(), state, known: sessions.size, ...(lastError === undefined ? {} : { lastError }) }
  }

  function change(next: RelayStatus['state'], error: string | undefined): void {
    if (next === state && error === lastError) return
    state = next
    lastError = error
    tell()
  }

  function tell(): void {
    if (!closing.signal.aborted) onChange(status())
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      change('connecting', lastError)
      try {
        const connection = await within(
          clock,
          DIAL_TIMEOUT,
          (signal) => node.dial([relay.address, ...relay.others], { signal }),
          closing.signal,
        )
        // One that breaks the protocol each time is not dialled as often as one that was lost.
        if (faults < RELAY_PATIENCE) backoff.reset()
        faults = 0
        takeNews = createBucket(clock, RELAY_NEWS_AT_ONCE, RELAY_NEWS_PER_SECOND)
        await stay(connection)
      } catch (error) {
        change(state, reasonOf(error))
      }
      if (closing.signal.aborted) return
      change('waiting', lastError)
      waking = new AbortController()
      await pause(clock, backoff.next(), closing.signal, waking.signal)
    }
  }

  function reasonOf(error: unknown): string {
    const advice = host.adviceFor(relay.address)
    // A WebSocket that fails tells pages nothing but that it failed.
    const reason = isBareEvent(error) ? 'the relay does not answer; check that it runs and that the address is right' : messageOf(error)
    return advice === undefined ? reason : `${reason}; ${advice}`
  }

  /** Returns when the connection or the who-stream has ended. */
  async function stay(connection: Connection): Promise<void> {
    const ended = new AbortController()
    const end = (): void => ended.abort()
    const onAddresses = (): void => {
      if (isReserved()) change('reserved', undefined)
      else if (state === 'reserved') change('connected', lastError)
    }
    connection.addEventListener('close', end)
    closing.signal.addEventListener('abort', end)
    // Not `self:peer:update`, which comes a second later.
    node.addEventListener('transport:listening', onAddresses)
    change('connected', lastError)
    onAddresses()
    try {
      const stream = await openStream(connection, WHO_PROTOCOL, { clock, signal: closing.signal })
      who = openWho(stream, {
        session,
        clock,
        onPresent: learn,
        onGone: forget,
        onWelcome: ({ stunPort }) => iceServers.learn(relay.address, stunPort),
        onDropped: dropped,
        onClose: end,
      })
      await untilReserved(ended.signal)
      who.join(topics)
      if (!isReserved()) change(state, 'the relay gives this node no reservation: others cannot connect to it')
      if (!ended.signal.aborted) await new Promise((resolve) => ended.signal.addEventListener('abort', resolve))
    } finally {
      node.removeEventListener('transport:listening', onAddresses)
      closing.signal.removeEventListener('abort', end)
      connection.removeEventListener('close', end)
      who?.close()
      who = undefined
      iceServers.forget(relay.address)
      forget([...sessions].map(([peer, session]) => ({ peer, session })))
      // Also when only the stream has ended: whatever broke it, a new connection is the way to a good one.
      if (connection.status === 'open') connection.abort(new Error('the link to the relay is made anew'))
    }
  }

  function isReserved(): boolean {
    return node.getMultiaddrs().some((address) => address.toString().includes(`/p2p/${relay.peer}/p2p-circuit`))
  }

  async function untilReserved(signal: AbortSignal): Promise<void> {
    if (isReserved()) return
    const reserved = new AbortController()
    const check = (): void => {
      if (isReserved()) reserved.abort()
    }
    node.addEventListener('transport:listening', check)
    await pause(clock, RESERVATION_PATIENCE, signal, reserved.signal)
    node.removeEventListener('transport:listening', check)
  }

  /** Something the relay has said is not believed. */
  function dropped(reason: string): void {
    onDropped(relay.peer, reason)
    faults += 1
    change(state, `the relay breaks the protocol: ${reason}`)
    if (faults >= RELAY_PATIENCE) who?.close()
  }

  function learn(peers: readonly Presence[]): void {
    for (const { peer, session } of peers) {
      const before = sessions.get(peer)
      if (before !== undefined && equalBytes(before, session)) continue
      if (faults >= RELAY_PATIENCE) return
      if (!takeNews(1)) {
        dropped('it says more of who comes and goes than a relay may')
        continue
      }
      if (before === undefined && sessions.size >= MAX_KNOWN_PEERS) {
        // In a crowd an honest one does too.
        onDropped(relay.peer, `the relay names more than ${MAX_KNOWN_PEERS} peers`)
        continue
      }
      sessions.set(peer, session)
      tell()
      onPresent(peer)
    }
  }

  function forget(peers: readonly Presence[]): void {
    for (const { peer, session } of peers) {
      const known = sessions.get(peer)
      // A late word about an earlier run of a peer that is back already.
      if (known === undefined || !equalBytes(known, session)) continue
      sessions.delete(peer)
      tell()
      onGone(peer)
    }
  }

  const running = run()
  return {
    relay,
    status,
    isConnected: () => state === 'connected' || state === 'reserved',
    join: (next) => {
      topics = next
      who?.join(topics)
    },
    whereIs: (peer) => {
      const known = sessions.get(peer)
      return known === undefined ? undefined : { relay: relay.address, session: known }
    },
    wake: () => {
      backoff.reset()
      waking.abort()
      who?.doubt()
    },
    close: async () => {
      closing.abort()
      await running
    },
  }
}

function isBareEvent(error: unknown): boolean {
  return typeof Event !== 'undefined' && error instanceof Event
}
