import type { DataChannelScope } from './data-channel-shim.browser.ts'
import { candidateKind, type CandidateKind } from './explain/facts.ts'

/** Connections that are remembered; only the latest are asked for. */
const MOST_REMEMBERED = 50

interface Remembered {
  readonly local: Set<CandidateKind>
  readonly remote: Set<string>
}

const observed: unique symbol = Symbol.for('warrendb.candidates-observed')

/**
 * Notes which kinds of candidates the connections of this page have, and which they were given, so that it can be told why one has failed: libp2p shows nothing of a connection
 * that did not come about. Idempotent; changes nothing of what the connections do.
 */
export function observeCandidates(scope: DataChannelScope): (remote: readonly string[]) => readonly CandidateKind[] | undefined {
  const { RTCPeerConnection } = scope
  if (RTCPeerConnection === undefined) return () => undefined
  const remembered = rememberedOf(RTCPeerConnection.prototype)
  return (remote) => {
    const own = [...remembered].findLast((connection) => remote.some((candidate) => connection.remote.has(candidate)))
    return own === undefined ? undefined : [...own.local]
  }
}

function rememberedOf(prototype: RTCPeerConnection): Set<Remembered> {
  const there: unknown = Reflect.get(prototype, observed)
  if (there instanceof Set) return there as Set<Remembered>
  const remembered = new Set<Remembered>()
  const byConnection = new WeakMap<RTCPeerConnection, Remembered>()

  function notesOf(connection: RTCPeerConnection): Remembered {
    const known = byConnection.get(connection)
    if (known !== undefined) return known
    const notes: Remembered = { local: new Set(), remote: new Set() }
    byConnection.set(connection, notes)
    remembered.add(notes)
    for (const oldest of remembered) {
      if (remembered.size <= MOST_REMEMBERED) break
      remembered.delete(oldest)
    }
    connection.addEventListener('icecandidate', ({ candidate }) => {
      const kind = candidate === null ? undefined : candidateKind(candidate.candidate)
      if (kind !== undefined) notes.local.add(kind)
    })
    return notes
  }

  const { createDataChannel, addIceCandidate } = prototype
  // The first thing that whoever begins a connection does.
  prototype.createDataChannel = function (this: RTCPeerConnection, ...args) {
    notesOf(this)
    return createDataChannel.apply(this, args)
  }
  prototype.addIceCandidate = function (this: RTCPeerConnection, given?: RTCIceCandidateInit | null) {
    if (typeof given?.candidate === 'string') notesOf(this).remote.add(given.candidate)
    const added: Promise<void> = Reflect.apply(addIceCandidate, this, [given])
    return added
  }
  Object.defineProperty(prototype, observed, { value: remembered })
  return remembered
}
