import { equalBytes } from '../util/bytes.ts'
import { HASH_BYTES, PUSHES, WANTS, type Interest } from './messages.ts'
import type { Seen } from './reconcile.ts'
import { createSeen } from './seen.ts'

/** How this node and one peer stand with a collection that both have, in one session. */
export interface Standing {
  /** What the peer says it has; `undefined` until it is known. */
  peerRoot: Uint8Array | undefined
  /** What the peer wants of this node: `WANTS`, `PUSHES`. */
  peerRole: number
  /** A root of the peer of which everything is here. */
  pulled: Uint8Array | undefined
  /** A root of this node of which everything is at the peer, as it says. */
  acknowledged: Uint8Array | undefined
  /** What the peer was told of it last, so that nothing is told twice. */
  toldPulled: Uint8Array | undefined
  readonly seen: Seen
}

/** In place of a root that is not known. */
export const UNKNOWN_ROOT: Uint8Array = new Uint8Array(HASH_BYTES)

/** The state after the peer has told of its interest. */
export function standingOf({ root, role }: Interest, before: Standing | undefined): Standing {
  const known = equalBytes(root, UNKNOWN_ROOT) ? before?.peerRoot : root
  return {
    peerRoot: known,
    peerRole: role,
    pulled: before?.pulled,
    acknowledged: before?.acknowledged,
    toldPulled: before?.toldPulled,
    // What was refused here may be welcome to another version of the schema.
    seen: createSeen(),
  }
}

/** Whether the peer is to be sent the collection. */
export function peerWants({ peerRole }: Standing): boolean {
  return (peerRole & WANTS) !== 0
}

/** Whether the peer replicates the collection to this node. */
export function peerPushes({ peerRole }: Standing): boolean {
  return (peerRole & PUSHES) !== 0
}

/** Whether everything the peer says it has is here. */
export function hasTheirs({ peerRoot, pulled }: Standing, own: Uint8Array | undefined): boolean {
  return peerRoot !== undefined && (isSame(own, peerRoot) || isSame(pulled, peerRoot))
}

/** Whether everything that is here is at the peer, as far as it has said. */
export function hasOurs({ peerRoot, acknowledged }: Standing, own: Uint8Array | undefined): boolean {
  return own !== undefined && (isSame(peerRoot, own) || isSame(acknowledged, own))
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a, b)
}
