import type { Connection, Stream } from '@libp2p/interface'

import { within, type Clock } from '../util/clock.ts'
import { STREAM_TIMEOUT } from './limits.ts'

/**
 * Opens a stream, also on a connection through a relay. Tried twice: one in a thousand new streams gets stuck for good, because Chromium uses the number of a
 * data channel again while the other side still closes the last one with it.
 */
export async function openStream(
  connection: Connection,
  protocol: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Stream> {
  const open = (): Promise<Stream> =>
    within(clock, STREAM_TIMEOUT, (signal) => connection.newStream(protocol, { signal, runOnLimitedConnection: true }), signal)
  try {
    return await open()
  } catch (error) {
    if (signal.aborted || connection.status !== 'open' || !isTimeout(error)) throw error
    return open()
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
}

/** Whether a stream could not be opened because the peer does not speak the protocol. */
export function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === 'UnsupportedProtocolError'
}
