import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'

/**
 * The yamux stream muxer, with a repair: it announces a new stream in a microtask of its own, and when the connection closes in that moment the exception reaches
 * nobody who could catch it. In Node that ends the process, a relay with all its nodes included, whenever a peer leaves in the wrong millisecond.
 */
export function repairedYamux(): () => StreamMuxerFactory {
  return () => {
    const factory = yamux()()
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => {
        const muxer = factory.createStreamMuxer(connection)
        const send = muxer.send.bind(muxer)
        muxer.send = (data) => {
          try {
            return send(data)
          } catch (error) {
            if (!isClosed(muxer, error)) throw error
            // Nothing more can be sent; the close event ends the streams.
            return false
          }
        }
        return muxer
      },
    }
  }
}

function isClosed(muxer: StreamMuxer, error: unknown): boolean {
  return muxer.status !== 'open' || (error instanceof Error && error.name === 'StreamStateError')
}
