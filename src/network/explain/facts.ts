import type { Link, RelayStatus } from '../../database/database.ts'
import type { Attempt } from '../attempt-log.ts'

/** What is known about the way to a peer: all that a report is made of. */
export interface Facts {
  readonly peer: string
  readonly isSelf: boolean
  /** Why this node keeps the peer off. */
  readonly refusal: string | undefined
  /** It was disconnected by `p2p.disconnect`. */
  readonly isParted: boolean
  /** This side dials, by rule or because it was given an address; else the other one does. */
  readonly dials: boolean
  readonly relayedData: boolean
  readonly session: SessionFacts | undefined
  readonly surroundings: Surroundings
  readonly relays: readonly RelayFacts[]
  /** Addresses of the peer itself, each with what speaks against it here. */
  readonly addresses: readonly { readonly address: string; readonly advice: string | undefined }[]
  /** The last attempt to connect directly. */
  readonly attempt: Attempt | undefined
  /** STUN and TURN servers in use. */
  readonly iceServers: number
  /** How the connection goes that there is; absent where the platform does not tell. */
  readonly pair: CandidatePair | undefined
}

export interface SessionFacts {
  readonly link: Link
  readonly roundTrip: number | undefined
  readonly inSync: boolean
  readonly collections: readonly string[]
}

export interface RelayFacts {
  readonly status: RelayStatus
  /** The relay says that the peer is there. */
  readonly knowsPeer: boolean
  /** Its address is one of a private network or of this machine. */
  readonly isLocal: boolean
  /** It is one of this machine. */
  readonly isLoopback: boolean
}

/** What the platform says about where this node runs. */
export interface Surroundings {
  readonly isOnline: boolean
  /** Of the page, such as `https:`; absent outside a browser. */
  readonly pageProtocol?: string
  /** Whether the page may reach the local network, where the browser asks for that. */
  readonly localNetwork?: 'granted' | 'denied' | 'prompt'
}

/**
 * Kinds of ICE candidates (RFC 8445, 5.1.1): an address of the machine, its address as a STUN server sees it, its address as the peer saw it, one of a TURN server.
 */
export type CandidateKind = 'host' | 'srflx' | 'prflx' | 'relay'

/** The pair of candidates that a connection uses. */
export interface CandidatePair {
  readonly local: CandidateKind
  readonly remote: CandidateKind
}

/** The kind in the text of a candidate: `candidate:1 1 udp 2113937151 192.168.1.5 50000 typ host …`. */
export function candidateKind(candidate: string): CandidateKind | undefined {
  const kind = / typ (host|srflx|prflx|relay)\b/.exec(candidate)?.[1]
  return CANDIDATE_KINDS.find((known) => known === kind)
}

/** All of them. */
export const CANDIDATE_KINDS: readonly CandidateKind[] = ['host', 'srflx', 'prflx', 'relay']
