import type { Connection, Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'

import { systemClock } from '../util/clock.ts'
import { openStream } from './open-stream.ts'

const NEVER = new AbortController().signal
const STREAM = { id: 'a stream' } as unknown as Stream

/** A connection whose first streams fail in these ways. */
function aConnection(...failures: readonly string[]): { readonly connection: Connection; readonly attempts: () => number } {
  let attempts = 0
  const newStream = async (_protocol: string, { signal }: { readonly signal: AbortSignal }): Promise<Stream> => {
    expect(signal.aborted).toBe(false)
    const failure = failures[attempts]
    attempts += 1
    if (failure !== undefined) throw Object.assign(new Error(failure), { name: failure })
    return STREAM
  }
  return { connection: { newStream, status: 'open' } as unknown as Connection, attempts: () => attempts }
}

test('a stream that gets stuck is opened once more', async () => {
  const { connection, attempts } = aConnection('TimeoutError')
  expect(await openStream(connection, '/a', { clock: systemClock, signal: NEVER })).toBe(STREAM)
  expect(attempts()).toBe(2)
})

test('one that gets stuck twice is given up, and other failures are not repeated', async () => {
  const stuck = aConnection('TimeoutError', 'TimeoutError')
  await expect(openStream(stuck.connection, '/a', { clock: systemClock, signal: NEVER })).rejects.toThrow('TimeoutError')
  const unsupported = aConnection('UnsupportedProtocolError')
  await expect(openStream(unsupported.connection, '/a', { clock: systemClock, signal: NEVER })).rejects.toThrow('UnsupportedProtocolError')
  expect([stuck.attempts(), unsupported.attempts()]).toEqual([2, 1])
})
