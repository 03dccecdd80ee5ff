import { expect, onTestFinished, test } from 'vitest'

import { startRelay } from '../../../relay/relay.ts'
import { aNode, type TestNode } from '../network.testkit.ts'
import type { P2POptions } from '../options.ts'

async function running(options: P2POptions): Promise<TestNode> {
  const node = await aNode({ listen: [], ...options })
  onTestFinished(() => node.close())
  return node
}

test('two nodes that met at a relay say how, and of one that left that it is gone', async () => {
  const relay = await startRelay({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => relay.close())
  const a = await running({ relays: relay.addresses })
  const b = await running({ relays: relay.addresses })
  await a.until('a direct link', async () => (await a.peer(b))?.link === 'webrtc')
  const report = await a.network.p2p.explain(b.id)
  expect(report).toMatchObject({ peer: b.id, link: 'webrtc', summary: expect.stringContaining('connected directly by WebRTC') })
  expect(report.findings.map(({ step }) => step)).toEqual(expect.arrayContaining(['relay', 'presence', 'path', 'sync']))

  await b.network.close()
  await a.until('its leave', async () => (await a.peer(b)) === undefined)
  // The relay tells of it in its own time.
  const summary = async (): Promise<string> => (await a.network.p2p.explain(b.id)).summary
  await expect.poll(summary).toContain('no relay of this node knows the peer')
})

test('an address that leads nowhere, this node itself, and nonsense are told apart', async () => {
  const a = await running({})
  const b = await running({})
  expect(await a.network.p2p.explain(b.id)).toMatchObject({ summary: expect.stringContaining('knows no relay') })
  expect(await a.network.p2p.explain(a.id)).toMatchObject({ summary: 'this is the ID of this node itself' })
  await expect(a.network.p2p.explain('nonsense')).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
})
