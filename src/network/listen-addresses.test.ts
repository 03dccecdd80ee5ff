import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

import { multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test } from 'vitest'

import { usableListenAddresses } from './listen-addresses.node.ts'

/** An address of this machine in no network: RFC 5737 keeps it for examples. */
const ELSEWHERE = '192.0.2.1'

async function usable(...addresses: readonly string[]): Promise<readonly string[]> {
  return (await usableListenAddresses(addresses.map((address) => multiaddr(address)))).map(String)
}

/** Takes a port for the length of the test. */
async function taken(transport: 'tcp' | 'udp'): Promise<number> {
  if (transport === 'udp') {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind({ address: '127.0.0.1' }, resolve))
    onTestFinished(() => new Promise<void>((resolve) => void socket.close(() => resolve())))
    return socket.address().port
  }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('all kinds of addresses can be listened on, and for WebRTC a free port is found', async () => {
  const [tcp, ws, direct] = await usable('/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/webrtc-direct')
  expect([tcp, ws]).toEqual(['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'])
  expect(direct).toMatch(/^\/ip4\/127\.0\.0\.1\/udp\/[1-9]\d+\/webrtc-direct$/)
  expect(await usable(direct ?? '')).toEqual([direct])
})

test.each([
  ['TCP', 'tcp', (port: number) => `/ip4/127.0.0.1/tcp/${port}`],
  ['TCP', 'tcp', (port: number) => `/ip4/127.0.0.1/tcp/${port}/ws`],
  ['UDP', 'udp', (port: number) => `/ip4/127.0.0.1/udp/${port}/webrtc-direct`],
] as const)('a taken %s port is told, also beside others that are free', async (name, transport, addressAt) => {
  const port = await taken(transport)
  const address = addressAt(port)
  await expect(usable('/ip4/127.0.0.1/tcp/0', address)).rejects.toMatchObject({
    code: 'INVALID_ADDRESS',
    message: expect.stringContaining(`"${address}" cannot be listened on: ${name} port ${port} is taken`),
    details: { address },
  })
})

test('two addresses that want the same port are told', async () => {
  const port = await taken('udp')
  const [tcp, ws] = [`/ip4/127.0.0.1/tcp/${port}`, `/ip4/127.0.0.1/tcp/${port}/ws`]
  expect(await usable(tcp)).toEqual([tcp])
  await expect(usable(tcp, ws)).rejects.toMatchObject({ code: 'INVALID_ADDRESS', details: { address: ws } })
})

test('an address of another machine is passed over beside others, and told alone', async () => {
  const [here, tcp, direct] = ['/ip4/127.0.0.1/tcp/0', `/ip4/${ELSEWHERE}/tcp/0`, `/ip4/${ELSEWHERE}/udp/0/webrtc-direct`]
  expect(await usable(tcp, here, direct)).toEqual([here])
  await expect(usable(tcp, direct)).rejects.toMatchObject({
    code: 'INVALID_ADDRESS',
    message: expect.stringContaining(`"${tcp}" cannot be listened on: ${ELSEWHERE} is no address of this machine`),
  })
})

test.each(['/ip4/127.0.0.1/udp/4001/quic-v1', '/ip4/127.0.0.1/tcp/4001/tls/ws', '/ip4/127.0.0.1', '/dns4/localhost/tcp/1'])(
  'what no node listens on is told: %s',
  async (address) => {
    await expect(usable('/ip4/127.0.0.1/tcp/0', address)).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining('give addresses such as /ip4/127.0.0.1/tcp/4001,'),
    })
  },
)

test('reservations at relays are left to them, and nothing is nothing', async () => {
  expect(await usable('/p2p-circuit', '/webrtc')).toEqual(['/p2p-circuit', '/webrtc'])
  expect(await usable()).toEqual([])
})
