import type { Stream } from '@libp2p/interface'

import { DatabaseError } from '../errors.ts'
import { concatBytes } from '../util/bytes.ts'
import { within, type Clock } from '../util/clock.ts'
import { LARGE_FRAME_BYTES } from './limits.ts'

/** Bytes of a frame's length, big-endian, in front of it. */
const LENGTH_BYTES = 4

/** A libp2p stream as a sequence of frames in both directions. */
export interface FrameStream {
  /** Sends a frame, or nothing when the stream is closed. What the transport does not take now waits in memory: await `drained` between large ones. */
  send(frame: Uint8Array): void
  /** Resolves when the transport takes more, or the stream is closed. */
  drained(): Promise<void>
  readonly isOpen: boolean
  /** Closes at once; what was sent before still goes out where the transport can. */
  close(): void
  /** Throws away what waits. */
  abort(reason: Error): void
}

export interface FrameOptions {
  /** Longest frame that is read. */
  readonly most: number
  /** Bytes that may wait for a peer that does not take them; with more the stream is aborted. */
  readonly mostWaiting: number
  readonly clock: Clock
  /** Called for each frame in order. What it throws ends nothing. */
  readonly onFrame: (frame: Uint8Array) => void
  /** Called once, when the stream is closed by either side. */
  readonly onClose: () => void
  /** Called when the peer announces a frame that it may not send; the stream is aborted. */
  readonly onFault: (error: DatabaseError<'INVALID_MESSAGE'>) => void
  /** Shared memory for frames above `LARGE_FRAME_BYTES`; without it they count as too large. */
  readonly budget?: FrameBudget
}

/** Memory that large frames of all peers share. */
export interface FrameBudget {
  /** False when so many bytes are not left. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function createFrameBudget(total: number): FrameBudget {
  let left = total
  return {
    take: (bytes) => {
      if (bytes > left) return false
      left -= bytes
      return true
    },
    give: (bytes) => {
      left += bytes
    },
  }
}

/** Reads and writes frames over a stream; takes over its listeners. */
export function openFrames(stream: Stream, options: FrameOptions): FrameStream {
  const reader = new FrameReader(options, (error) => {
    options.onFault(error)
    stream.abort(error)
  })
  let isOpen = true
  // Without a bound of its own: who asks and does not read would fill the memory with the answers.
  stream.maxWriteBufferLength = options.mostWaiting

  function end(): void {
    if (!isOpen) return
    isOpen = false
    reader.end()
    options.onClose()
  }

  stream.addEventListener('message', ({ data }) => {
    if (isOpen) reader.push(data instanceof Uint8Array ? data : data.subarray())
  })
  stream.addEventListener('close', end)
  // The other side may have refused it already; nobody tells of that any more. What had come before is read first.
  if (stream.status !== 'open') queueMicrotask(end)
  // A peer that stops writing has left: no side of these protocols talks to itself.
  stream.addEventListener('remoteCloseWrite', () => {
    stream.abort(new DatabaseError('CLOSED', 'the peer closed the stream', { what: 'stream' }))
    end()
  })

  return {
    send: (frame) => {
      if (!isOpen || stream.status !== 'open') return
      const header = new Uint8Array(LENGTH_BYTES)
      new DataView(header.buffer).setUint32(0, frame.length)
      try {
        // One array: each `send` becomes at least one message of the transport.
        stream.send(concatBytes(header, frame))
      } catch {
        end() // It closed in this very moment: 'close' may come too late for whoever sends next.
      }
    },
    drained: async () => {
      // `stream.onDrain()` resolves at once after its first use (its promise is never renewed), so everything would pile up in memory: wait for the event.
      for (; stream.status === 'open' && stream.writableNeedsDrain;) {
        await new Promise<void>((resolve) => {
          const settle = (): void => {
            stream.removeEventListener('drain', settle)
            stream.removeEventListener('close', settle)
            resolve()
          }
          stream.addEventListener('drain', settle)
          stream.addEventListener('close', settle)
        })
        // The stream fills its transport again in a microtask of its own and may be full right after.
        await Promise.resolve()
      }
    },
    get isOpen() {
      return isOpen
    },
    close: () => {
      if (!isOpen) return
      // Nobody waits for the peer to close its side too.
      within(options.clock, CLOSE_TIMEOUT, (signal) => stream.close({ signal })).catch((error: unknown) => {
        stream.abort(error instanceof Error ? error : new Error(String(error)))
      })
      end()
    },
    abort: (reason) => {
      stream.abort(reason)
      end()
    },
  }
}

/** Time for what was sent before to leave. */
const CLOSE_TIMEOUT = 1000

const NOTHING = new Uint8Array(0)

class FrameReader {
  readonly #options: FrameOptions
  readonly #fault: (error: DatabaseError<'INVALID_MESSAGE'>) => void
  /**
   * The beginning of a header or frame that comes in several pieces, and room behind it. It grows with what comes: a length alone must not reserve memory,
   * and neither must a frame that comes byte by byte take more than its bytes.
   */
  #held = NOTHING
  #size = 0
  /** Length of the frame being read, once its header is there. */
  #expected: number | undefined
  #reserved = 0
  #isFaulty = false

  constructor(options: FrameOptions, fault: (error: DatabaseError<'INVALID_MESSAGE'>) => void) {
    this.#options = options
    this.#fault = fault
  }

  push(chunk: Uint8Array): void {
    let rest = chunk
    while (!this.#isFaulty) {
      const length = this.#expected ?? LENGTH_BYTES
      const missing = length - this.#size
      if (rest.length < missing) return this.#hold(rest, length)
      const whole = this.#size === 0 ? rest.subarray(0, length) : this.#complete(rest.subarray(0, missing), length)
      rest = rest.subarray(missing)
      if (this.#expected === undefined) {
        this.#expect(new DataView(whole.buffer, whole.byteOffset, LENGTH_BYTES).getUint32(0))
      } else {
        this.#expected = undefined
        this.#release()
        this.#options.onFrame(whole)
      }
    }
  }

  end(): void {
    this.#isFaulty = true
    this.#held = NOTHING
    this.#size = 0
    this.#release()
  }

  #expect(length: number): void {
    const { most, budget } = this.#options
    if (length > most) {
      return this.#fail(`a frame of ${length} bytes is larger than ${most}`, most)
    }
    if (budget !== undefined && length > LARGE_FRAME_BYTES) {
      if (!budget.take(length))
        return this.#fail(`a frame of ${length} bytes comes while others of this size are being read`, LARGE_FRAME_BYTES)
      this.#reserved = length
    }
    this.#expected = length
  }

  #fail(message: string, limit: number): void {
    this.#isFaulty = true
    this.#fault(new DatabaseError('INVALID_MESSAGE', message, { what: 'frame', limit }))
  }

  #release(): void {
    if (this.#reserved > 0) this.#options.budget?.give(this.#reserved)
    this.#reserved = 0
  }

  /** Keeps a piece of what will have this length. */
  #hold(piece: Uint8Array, length: number): void {
    const size = this.#size + piece.length
    if (size > this.#held.length) {
      const grown = new Uint8Array(Math.min(length, Math.max(size, this.#held.length * 2)))
      grown.set(this.#held.subarray(0, this.#size))
      this.#held = grown
    }
    this.#held.set(piece, this.#size)
    this.#size = size
  }

  #complete(piece: Uint8Array, length: number): Uint8Array {
    this.#hold(piece, length)
    const whole = this.#held
    this.#held = NOTHING
    this.#size = 0
    return whole
  }
}
