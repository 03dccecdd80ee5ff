import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

import { within, type Clock } from '../util/clock.ts'
import type { Randomness } from '../util/randomness.ts'
import type { AttemptLog } from './attempt-log.ts'
import { addressThrough } from './addresses.ts'
import { createBackoff } from './backoff.ts'
import { ADDRESS_DIAL_TIMEOUT } from './limits.ts'

/** Dials one peer until it is connected directly, or is not to be dialled any more. */
export interface PeerDialer {
  /** Starts to dial after `delay` milliseconds, unless it is about to anyway. */
  start(delay: number): void
  /** Starts over at once: something has changed for the better. */
  again(): void
  /** No further attempt is needed. One that runs is left alone: it may be the one that has just connected. */
  rest(): void
  /** Gives up, also the attempt that runs. */
  stop(): void
  /** An attempt runs, or is about to. */
  readonly isBusy: boolean
  /** A direct dial has failed since the last start. */
  readonly hasFailed: boolean
  readonly lastError: unknown
}

export interface PeerDialerOptions {
  readonly node: Libp2p
  readonly peerId: PeerId
  /** Addresses of the peer itself, and of relays where it is at the moment. */
  readonly where: () => { readonly addresses: readonly Multiaddr[]; readonly relays: readonly Multiaddr[] }
  /** Is told of each attempt to connect directly. */
  readonly attempts: Pick<AttemptLog, 'begin'>
  /** How the peer is connected now. */
  readonly connected: () => 'direct' | 'relayed' | 'not'
  /** An attempt has ended, either way. */
  readonly onAttempted: () => void
  readonly clock: Clock
  readonly randomness: Randomness
}

/** A peer that cannot be dialled is tried often at first: it may be just starting. */
const BACKOFF = { first: 500, factor: 2, longest: 15_000 }
/** While data flows through a relay, a direct connection is looked for now and then: a busy machine may be too slow at first, and networks change. */
const UPGRADE_BACKOFF = { first: 3000, factor: 2, longest: 300_000 }
/** Above what one address is given. */
const DIAL_TIMEOUT: number = ADDRESS_DIAL_TIMEOUT + 1000

export function createPeerDialer({
  node,
  peerId,
  where,
  attempts,
  connected,
  onAttempted,
  clock,
  randomness,
}: PeerDialerOptions): PeerDialer {
  const peer = peerId.toString()
  const backoff = createBackoff(BACKOFF, randomness)
  const upgradeBackoff = createBackoff(UPGRADE_BACKOFF, randomness)
  /** Calls off the attempt that is to come. */
  let callOff: (() => void) | undefined
  let attempt: AbortController | undefined
  /** What is to come was to make a relayed connection a direct one, and has time. */
  let isUpgrade = false
  /** Attempts so far. */
  let turn = 0
  let hasFailed = false
  let lastError: unknown

  function schedule(delay: number): void {
    if (callOff !== undefined || attempt !== undefined) return
    isUpgrade = false
    callOff = clock.after(delay, () => {
      callOff = undefined
      void dial()
    })
  }

  async function dial(): Promise<void> {
    const { addresses, relays: known } = where()
    if (connected() === 'direct' || addresses.length + known.length === 0) return
    // Each is the first in its turn: one that stalls uses up the time of an attempt.
    const first = turn % Math.max(known.length, 1)
    const relays = [...known.slice(first), ...known.slice(0, first)]
    turn += 1
    const own = new AbortController()
    attempt = own
    const told = attempts.begin(peer)
    try {
      const all = [...addresses, ...relays.map((relay) => addressThrough(relay, peer, 'webrtc'))]
      await within(clock, DIAL_TIMEOUT, (signal) => node.dial(all, { signal, onProgress: told.onProgress }), own.signal)
      told.end()
      backoff.reset()
      upgradeBackoff.reset()
    } catch (error) {
      told.end(error)
      lastError = error
      hasFailed = true
      if (!own.signal.aborted) await dialRelayed(relays, own.signal)
    }
    if (attempt === own) attempt = undefined
    if (own.signal.aborted) return
    // First the next attempt: whoever hears of this one may ask for another at once.
    const state = connected()
    if (state !== 'direct') schedule(state === 'relayed' ? upgradeBackoff.next() : backoff.next())
    isUpgrade = state === 'relayed'
    onAttempted()
  }

  /** So that data can flow while no direct connection can be made. The attempt may have left such a connection behind. */
  async function dialRelayed(relays: readonly Multiaddr[], signal: AbortSignal): Promise<void> {
    if (connected() !== 'not' || relays.length === 0) return
    const addresses = relays.map((relay) => addressThrough(relay, peer, 'relayed'))
    try {
      await within(clock, DIAL_TIMEOUT, (signal) => node.dial(addresses, { signal }), signal)
    } catch (error) {
      lastError = error
    }
  }

  function rest(): void {
    callOff?.()
    callOff = undefined
  }

  function stop(): void {
    rest()
    attempt?.abort()
    attempt = undefined
  }

  return {
    start: (delay) => {
      // The relayed connection is lost meanwhile.
      if (isUpgrade && connected() === 'not') rest()
      schedule(delay)
    },
    again: () => {
      stop()
      hasFailed = false
      backoff.reset()
      upgradeBackoff.reset()
      schedule(0)
    },
    rest,
    stop,
    get isBusy() {
      return callOff !== undefined || attempt !== undefined
    },
    get hasFailed() {
      return hasFailed
    },
    get lastError() {
      return lastError
    },
  }
}
