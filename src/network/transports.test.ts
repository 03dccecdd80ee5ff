import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, MessageStream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'

import { repairedYamux } from './stream-muxer.ts'
import { repairedWebSockets } from './web-sockets.ts'

async function aNode(listen: readonly string[] = []): Promise<Libp2p> {
  const node = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen: [...listen] },
    transports: [repairedWebSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [repairedYamux()],
    services: { identify: identify() },
  })
  onTestFinished(async () => node.stop())
  return node
}

test.each(['dialler', 'listener'])('a WebSocket connection that the %s aborts is closed on both sides', async (side) => {
  const listener = await aNode(['/ip4/127.0.0.1/tcp/0/ws'])
  const dialler = await aNode()
  const connection = await dialler.dial(listener.getMultiaddrs())
  await expect.poll(() => listener.getConnections()).toHaveLength(1)
  const [other] = listener.getConnections()
  ;(side === 'dialler' ? connection : other)?.abort(new Error('the test ends it'))
  await expect.poll(() => [...listener.getConnections(), ...dialler.getConnections()]).toEqual([])
})

test('a stream that is opened while its connection closes throws at nobody', async () => {
  const listener = await aNode(['/ip4/127.0.0.1/tcp/0/ws'])
  const dialler = await aNode()
  await dialler.dial(listener.getMultiaddrs())
  // A connection that is closed before the microtask in which yamux announces the stream.
  const broken = Object.assign(new EventTarget(), {
    direction: 'outbound',
    log: Object.assign(() => {}, { error: () => {}, trace: () => {}, newScope: () => broken.log }),
    send: () => {
      throw Object.assign(new Error('Cannot write to a stream that is closed'), { name: 'StreamStateError' })
    },
  })
  const muxer = repairedYamux()().createStreamMuxer(broken as unknown as MessageStream)
  const stream = await muxer.createStream()
  // An exception in the microtask would end the test run.
  await Promise.resolve()
  expect(stream.status).toBe('open')
  broken.dispatchEvent(new Event('close'))
  expect(stream.status).toBe('closed')
})
