import { openDatabase } from '../src/index.node.ts'
import { expect, test } from './support/stage.ts'

test('a page dials a Node process over WebRTC-direct, without a relay, and both sync', async ({ newNode }) => {
  const schema = 'type Note { title: String body: String } type Marker { title: String body: String }'
  const listen = ['/ip4/127.0.0.1/udp/0/webrtc-direct']
  await using db = await openDatabase({ storage: 'memory', schema, p2p: { listen, subscribe: 'all' } })
  await db.collection<object>('Note').create({ title: 'from Node' })
  const { id, addresses } = await db.p2p.info()

  const page = await newNode('direct')
  await page.open({ p2p: { peers: addresses, subscribe: 'all' } })
  await page.untilCount('Note', 1)
  expect(await db.p2p.peers()).toMatchObject([{ id: await page.peerId(), link: 'webrtc-direct' }])
  expect(await page.page.evaluate(async () => (await globalThis.db.p2p.peers()).map((peer) => [peer.id, peer.link]))).toEqual([
    [id, 'webrtc-direct'],
  ])

  await page.create('Note', 500)
  await expect.poll(async () => (await Array.fromAsync(db.collection('Note').docIDs())).length, { timeout: 20_000 }).toBe(501)
})
