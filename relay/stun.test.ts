import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { hexToBytes } from '../src/util/bytes.ts'
import { STUN_RATE_PER_ADDRESS } from './options.ts'
import { serveStun, type StunService } from './stun.ts'
import { createTally, type Tally } from './tally.ts'

const REQUEST = hexToBytes('000100002112a442b7e7a701bc34d686fa87dfae')
/** A clock that stands: what is used up stays so. */
const clock = { now: () => 0 }

async function aService(...hosts: readonly string[]): Promise<{ readonly stun: StunService; readonly tally: Tally }> {
  const tally = createTally(() => {}, clock)
  const stun = await serveStun({ hosts, port: 0, tally, clock })
  onTestFinished(() => stun.close())
  return { stun, tally }
}

function aSocket(type: 'udp4' | 'udp6'): Socket {
  const socket = createSocket(type)
  onTestFinished(() => void socket.close())
  return socket
}

test.each([
  ['127.0.0.1', 'udp4', 32],
  ['::1', 'udp6', 44],
] as const)('a request to %s is answered', async (host, type, length) => {
  const { stun } = await aService(host)
  const socket = aSocket(type)
  socket.send(REQUEST, stun.port, host)
  const [answer] = await once(socket, 'message')
  expect(answer).toHaveLength(length)
  expect(stun.answered()).toBe(1)
})

test('both families share a port', async () => {
  const { stun } = await aService('127.0.0.1', '::1')
  for (const [host, type] of [
    ['127.0.0.1', 'udp4'],
    ['::1', 'udp6'],
  ] as const) {
    const socket = aSocket(type)
    socket.send(REQUEST, stun.port, host)
    await once(socket, 'message')
  }
  expect(stun.answered()).toBe(2)
})

test('what is no request is not answered, and counted', async () => {
  const { stun, tally } = await aService('127.0.0.1')
  const socket = aSocket('udp4')
  socket.send(new Uint8Array(100), stun.port, '127.0.0.1')
  await expect.poll(() => tally.counts()['stun-wrong']).toBe(1)
  expect(stun.answered()).toBe(0)
})

test('a source that asks too often gets no more answers than its rate', async () => {
  const { stun, tally } = await aService('127.0.0.1')
  const socket = aSocket('udp4')
  socket.on('message', () => {})
  // Some packets are lost on a busy machine.
  while (tally.counts()['stun-of-address'] === 0) {
    await new Promise<void>((resolve) => socket.send(REQUEST, stun.port, '127.0.0.1', () => resolve()))
    await setImmediate()
  }
  expect(stun.answered()).toBe(STUN_RATE_PER_ADDRESS.burst)
})

test('a port that is taken is told with the option that changes it', async () => {
  const { stun, tally } = await aService('127.0.0.1')
  await expect(serveStun({ hosts: ['127.0.0.1'], port: stun.port, tally, clock })).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining('--stun-port'),
  })
})
