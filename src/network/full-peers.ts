import type { Clock } from '../util/clock.ts'
import type { Randomness } from '../util/randomness.ts'
import { createBackoff, type Backoff } from './backoff.ts'
import { MAX_KNOWN_PEERS } from './limits.ts'

/** Peers that have said that they have enough others: they are left alone for a while, longer each time. */
export interface FullPeers {
  has(peer: string): boolean
  /** It has said so, after a session of so many milliseconds. */
  note(peer: string, lasted: number): void
  /** It has a place again, or the user wants it all the same. */
  forget(peer: string): void
  end(): void
}

export interface FullPeersOptions {
  readonly clock: Pick<Clock, 'after'>
  readonly randomness: Randomness
  /** The time is over. */
  readonly onOver: (peer: string) => void
}

/** A peer that gets a place dials by itself, so asking again is for those that hope to be of more use than before. */
const BACKOFF = { first: 5000, factor: 2, longest: 300_000 }
/** Who was connected for so long was not refused, but has made room. */
const WAS_TAKEN = 30_000

interface Full {
  readonly backoff: Backoff
  /** What ends the pause; `undefined` when it is over. */
  callOff: (() => void) | undefined
}

export function createFullPeers({ clock, randomness, onOver }: FullPeersOptions): FullPeers {
  const full = new Map<string, Full>()

  function forget(peer: string): void {
    full.get(peer)?.callOff?.()
    full.delete(peer)
  }

  return {
    has: (peer) => full.get(peer)?.callOff !== undefined,
    note: (peer, lasted) => {
      const known = full.get(peer) ?? { backoff: createBackoff(BACKOFF, randomness), callOff: undefined }
      known.callOff?.()
      if (lasted > WAS_TAKEN) known.backoff.reset()
      known.callOff = clock.after(known.backoff.next(), () => {
        known.callOff = undefined
        onOver(peer)
      })
      // Put last: whoever was asked longest ago is forgotten first.
      full.delete(peer)
      full.set(peer, known)
      const [oldest] = full.keys()
      if (full.size > MAX_KNOWN_PEERS && oldest !== undefined) forget(oldest)
    },
    forget,
    end: () => {
      for (const { callOff } of full.values()) callOff?.()
    },
  }
}
