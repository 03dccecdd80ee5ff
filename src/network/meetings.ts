import type { Connection, IdentifyResult, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

import type { PeerAddress } from './addresses.ts'
import type { LinkedPeer } from './linked-peer.ts'
import { SYNC_PROTOCOL } from './messages.ts'
import type { SyncSession } from './sync-session.ts'

/** Waits for sessions that somebody has asked for. */
export interface Meetings {
  /** Dials a peer at this address, and resolves to its session. */
  meet(peer: LinkedPeer, address: PeerAddress, signal: AbortSignal): Promise<SyncSession>
  /** Resolves to the session of a peer once there is one, however it comes about. */
  expect(peer: LinkedPeer, signal: AbortSignal): Promise<SyncSession>
}

export interface MeetingsOptions {
  readonly node: Libp2p
  readonly connectionsOf: (peer: LinkedPeer) => readonly Connection[]
  /** Does what the state of a peer asks for. */
  readonly tend: (peer: LinkedPeer) => void
}

export function createMeetings({ node, connectionsOf, tend }: MeetingsOptions): Meetings {
  /** When both sides dial at once, one of the two connections is closed, perhaps this one; then the other counts. */
  async function dialOnce(peer: LinkedPeer, address: Multiaddr, signal: AbortSignal, onLost: () => void): Promise<void> {
    try {
      const connection = await node.dial(address, { signal })
      connection.addEventListener('close', () => {
        if (connectionsOf(peer).length === 0) onLost()
      })
    } catch (error) {
      if (connectionsOf(peer).length === 0) throw error
    }
  }

  async function meet(peer: LinkedPeer, { address }: PeerAddress, signal: AbortSignal): Promise<SyncSession> {
    if (peer.session !== undefined) return peer.session
    const session = Promise.withResolvers<SyncSession>()
    peer.waiting.add(session.resolve)
    const onAbort = (): void => session.reject(peer.dialer.lastError ?? signal.reason)
    const onIdentify = ({ detail: { peerId, protocols } }: CustomEvent<IdentifyResult>): void => {
      if (!peerId.equals(peer.peerId) || protocols.includes(SYNC_PROTOCOL)) return
      session.reject(new Error(`it does not speak ${SYNC_PROTOCOL}; give the address of a relay as p2p.relays`))
    }
    signal.addEventListener('abort', onAbort)
    node.addEventListener('peer:identify', onIdentify)
    try {
      await dialOnce(peer, address, signal, () => session.reject(new Error('the peer closed the connection')))
      if (peer.session !== undefined) return peer.session
      tend(peer)
      return await session.promise
    } finally {
      peer.waiting.delete(session.resolve)
      signal.removeEventListener('abort', onAbort)
      node.removeEventListener('peer:identify', onIdentify)
      session.promise.catch(() => {})
    }
  }

  async function expect(peer: LinkedPeer, signal: AbortSignal): Promise<SyncSession> {
    if (peer.session !== undefined) return peer.session
    const session = Promise.withResolvers<SyncSession>()
    peer.waiting.add(session.resolve)
    const onAbort = (): void => session.reject(peer.dialer.lastError ?? new Error('no relay tells of it'))
    signal.addEventListener('abort', onAbort)
    tend(peer)
    try {
      return await session.promise
    } finally {
      peer.waiting.delete(session.resolve)
      signal.removeEventListener('abort', onAbort)
    }
  }

  return { meet, expect }
}
