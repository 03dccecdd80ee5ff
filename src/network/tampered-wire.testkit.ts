import { commitPieces, relinked } from '../block/commit-pieces.testkit.ts'
import { openReplicated } from '../block/replicated-commit.ts'
import { concatBytes, encodeText } from '../util/bytes.ts'
import { hostileBytes } from '../util/hostile-bytes.testkit.ts'
import { bytesPiece, render, type Piece } from '../util/pieces.testkit.ts'
import { oneIn, pick, someBytes } from '../util/random-values.testkit.ts'
import type { Random } from '../util/seed.testkit.ts'
import { CODECS } from './message-tables.testkit.ts'
import { decodeMessage, SYNC_MESSAGES } from './messages.ts'
import type { FakeStream } from './stream.testkit.ts'
import type { SyncNode } from './sync-node.testkit.ts'
import { messagePieces, piecesOfMessage, piecesOfValue, type Filling } from './wire-pieces.testkit.ts'

/** What arrives instead of a frame that was sent: any bytes. */
export type Tamper = (frame: Uint8Array) => readonly Uint8Array[]

/** Two nodes that talk to each other as long as they like. */
export interface Wire {
  /** Lets everything arrive that was sent, and what is said to it, for a while. Returns how many frames came through. */
  deliver(): Promise<number>
  readonly isOpen: boolean
  /** What listeners have thrown. */
  readonly thrown: readonly unknown[]
  close(): void
}

const LENGTH_BYTES = 4
/** Two nodes that are told nonsense may talk for ever. */
const ROUNDS = 40

export function connectNodes(ann: SyncNode, bob: SyncNode, tamper: Tamper): Wire {
  const toAnn: Uint8Array[] = []
  const toBob: Uint8Array[] = []
  const atAnn = ann.open('bob', (data) => toBob.push(...tamper(data.subarray(LENGTH_BYTES))))
  const atBob = bob.open('ann', (data) => toAnn.push(...tamper(data.subarray(LENGTH_BYTES))))
  // What each has said at once was said before the other was there; from now on an end of one is an end of the other.
  atAnn.addEventListener('close', () => setImmediate(() => atBob.dispatchEvent(new Event('remoteCloseWrite'))))
  atBob.addEventListener('close', () => setImmediate(() => atAnn.dispatchEvent(new Event('remoteCloseWrite'))))
  return {
    deliver: async () => {
      let frames = 0
      for (let round = 0; round < ROUNDS; round++) {
        for (const chunk of toAnn.splice(0)) frames += arrive(atAnn, chunk)
        for (const chunk of toBob.splice(0)) frames += arrive(atBob, chunk)
        await new Promise((resolve) => setImmediate(resolve))
        if (toAnn.length + toBob.length === 0) break
      }
      return frames
    },
    get isOpen() {
      return atAnn.status === 'open' && atBob.status === 'open'
    },
    get thrown() {
      return [...atAnn.thrown, ...atBob.thrown]
    },
    close: () => {
      atAnn.abort(new Error('over'))
      atBob.abort(new Error('over'))
    },
  }
}

function arrive(stream: FakeStream, chunk: Uint8Array): number {
  if (stream.status === 'open') stream.arrive(chunk)
  return 1
}

export function framed(frame: Uint8Array): Uint8Array {
  const { length } = frame
  return concatBytes(Uint8Array.of(length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff), frame)
}

/** Loses, repeats, delays and changes what passes, and adds to it. What it adds speaks of what has passed before. */
export function tamperWith(random: Random): Tamper {
  const heard = createHearsay()
  let delayed: Uint8Array[] = []
  const someMessage = (): Piece => messagePieces(SYNC_MESSAGES, random, heard.filling)

  function change(frame: Uint8Array): Uint8Array {
    return hostileBytes(piecesOf(frame), someMessage(), random, { repair: relinked })
  }

  const ways: readonly ((frame: Uint8Array) => readonly Uint8Array[])[] = [
    () => [],
    (frame) => [frame, frame],
    (frame) => {
      delayed.push(frame)
      return []
    },
    (frame) => [change(frame)],
    (frame) => [change(frame), frame],
    (frame) => [frame, render(someMessage()).bytes],
    (frame) => [hostileBytes(someMessage(), piecesOf(frame), random, { repair: relinked }), frame],
  ]

  return (frame) => {
    heard.listen(frame)
    const frames = oneIn(3, random) ? pick(ways, random)(frame) : [frame]
    const late = oneIn(2, random) ? delayed : []
    if (late.length > 0) delayed = []
    const written = [...frames, ...late].map(framed)
    // A length that is not true makes nonsense of all that follows.
    return oneIn(300, random) ? [...written, someBytes(random.below(9), random)] : written
  }
}

function piecesOf(frame: Uint8Array): Piece {
  try {
    return piecesOfMessage(SYNC_MESSAGES, frame, piecesIn)
  } catch {
    return bytesPiece(frame)
  }
}

/** What is in a byte string: a commit, or what the reconciler says. */
function piecesIn(bytes: Uint8Array): Piece {
  for (const open of [
    commitIn,
    ...CODECS.map(
      ([, codec]) =>
        (value: Uint8Array) =>
          piecesOfValue(codec, value),
    ),
  ]) {
    try {
      return open(bytes)
    } catch {
      // It is something else.
    }
  }
  return bytesPiece(bytes)
}

function commitIn(bytes: Uint8Array): Piece {
  return commitPieces(openReplicated(bytes))
}

export interface Hearsay {
  /** Takes note of the values in a message. */
  listen(frame: Uint8Array): void
  /** Makes messages of these values. */
  readonly filling: Filling
}

const MOST_REMEMBERED = 40

/** Remembers what messages say, by the names of their members: so that others can be made which mean something to those who talk. */
export function createHearsay(): Hearsay {
  const values = new Map<string, (Uint8Array | number)[]>()

  function remember(name: string, value: unknown): void {
    if (typeof value === 'number' || value instanceof Uint8Array) {
      const known = values.get(name) ?? []
      values.set(name, [...known, value].slice(-MOST_REMEMBERED))
    } else if (typeof value === 'string') {
      remember(name, encodeText(value))
    } else if (Array.isArray(value)) {
      for (const item of value) remember(name, item)
    } else if (typeof value === 'object' && value !== null) {
      for (const [member, inner] of Object.entries(value)) remember(member, inner)
    }
  }

  return {
    listen: (frame) => remember('', decodeMessage(SYNC_MESSAGES, frame)),
    filling: (name, random) => {
      const known = values.get(name) ?? []
      return known.length === 0 || oneIn(5, random) ? undefined : pick(known, random)
    },
  }
}
