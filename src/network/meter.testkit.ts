import type { Connection, Stream, StreamHandler } from '@libp2p/interface'

import type { Host, HostFactory } from './host.ts'
import { decodeMessage, SYNC_MESSAGES, SYNC_PROTOCOL, type SyncMessage } from './messages.ts'

/** Counts what nodes of this process send each other over their sync streams. */
export interface Meter {
  /** Everything any of them has sent, in order. */
  readonly frames: readonly Frame[]
  /** Makes hosts whose sync streams are counted. */
  metered(create: HostFactory): HostFactory
  /** Begins anew. */
  reset(): void
}

/** One message as it goes out. */
export interface Frame {
  /** The peer ID of the sender. */
  readonly from: string
  readonly type: SyncMessage['type']
  /** With its length in front. */
  readonly bytes: number
}

const LENGTH_BYTES = 4
/** Messages that wait for an answer. */
const QUESTIONS: readonly SyncMessage['type'][] = ['compare', 'want']

export function createMeter(): Meter {
  const frames: Frame[] = []

  function count(from: string, stream: Stream): Stream {
    const send = stream.send.bind(stream)
    stream.send = (data) => {
      // A frame goes out in one piece, see `frames.ts`.
      const bytes = data.subarray()
      frames.push({ from, type: decodeMessage(SYNC_MESSAGES, bytes.subarray(LENGTH_BYTES)).type, bytes: bytes.length })
      return send(data)
    }
    return stream
  }

  function countOpened(from: string, connection: Connection): void {
    const newStream = connection.newStream.bind(connection)
    connection.newStream = async (protocols, options) => {
      const stream = await newStream(protocols, options)
      return protocols === SYNC_PROTOCOL ? count(from, stream) : stream
    }
  }

  return {
    frames,
    metered: (create) => async (parts) => {
      const host: Host = await create(parts)
      const { node } = host
      const self = node.peerId.toString()
      const handle = node.handle.bind(node)
      node.handle = (protocol, handler, options) => {
        const counting: StreamHandler = (stream, connection) => handler(count(self, stream), connection)
        return handle(protocol, protocol === SYNC_PROTOCOL ? counting : handler, options)
      }
      node.addEventListener('connection:open', ({ detail }) => countOpened(self, detail))
      return host
    },
    reset: () => {
      frames.length = 0
    },
  }
}

export function bytesOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Round trips of the node that asked most: the greeting, and then every question, for each has waited for the one before. */
export function roundTripsOf(frames: readonly Frame[]): number {
  const asked = Map.groupBy(
    frames.filter(({ type }) => QUESTIONS.includes(type)),
    ({ from }) => from,
  )
  return 1 + Math.max(0, ...[...asked.values()].map(({ length }) => length))
}
