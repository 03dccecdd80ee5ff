import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { aFolder, aRelay, somebody } from './relay.testkit.ts'
import type { Relay } from './relay.ts'
import type { Stranger } from '../src/network/stranger.testkit.ts'

async function reach(stranger: Stranger, relay: Relay): Promise<boolean> {
  const connection = await stranger.node.dial(multiaddr(relay.addresses[0] ?? ''), { force: true }).catch(() => undefined)
  if (connection === undefined) return false
  // Who is refused may learn of it only after he believes himself connected.
  return new Promise((resolve) => {
    if (connection.status !== 'open') return resolve(false)
    connection.addEventListener('close', () => resolve(false))
    void stranger.node.services.ping.ping(connection.remotePeer).then(
      () => resolve(true),
      () => resolve(false),
    )
  })
}

test('with an allow-list all others are refused, counted, and told to the owner', async () => {
  const [ann, eve] = [await somebody(), await somebody()]
  const lines: string[] = []
  const relay = await aRelay({ allow: [ann.id], log: (level, text) => lines.push(`${level} ${text}`) })
  expect(await reach(eve, relay)).toBe(false)
  expect(await reach(ann, relay)).toBe(true)
  expect(relay.stats().connections).toBe(1)
  expect((await relay.report()).refused['not-allowed']).toBeGreaterThan(0)
  expect(lines).toContain(`warn a peer is not on the allow-list: ${eve.id}`)
})

test('the allow-list applies on WebRTC-direct as well', async () => {
  const eve = await somebody()
  const relay = await aRelay({ allow: [], webRtcDirect: true })
  const address = relay.addresses.find((address) => address.includes('webrtc-direct')) ?? ''
  await eve.node.dial(multiaddr(address)).catch(() => {})
  await expect.poll(async () => (await relay.report()).refused['not-allowed']).toBe(1)
  expect(relay.stats().connections).toBe(0)
})

test('an allow-list in a file is read again when it changes, and who is not on it any more is cut off', async () => {
  const [ann, bob] = [await somebody(), await somebody()]
  const file = join(await aFolder(), 'allowed')
  await writeFile(file, `# the family\n${ann.id}  # Ann\n\n`)
  const relay = await aRelay({ allowFile: file })
  expect(await reach(bob, relay)).toBe(false)
  expect(await reach(ann, relay)).toBe(true)
  await writeFile(file, `${bob.id}\n`)
  await expect.poll(() => relay.stats().connections, { timeout: 10_000 }).toBe(0)
  expect(await reach(bob, relay)).toBe(true)
  // What is wrong changes nothing.
  await appendFile(file, 'nobody\n')
  expect(await reach(bob, relay)).toBe(true)
})

test('an allow-list that cannot be read, or names nobody, is told', async () => {
  const file = join(await aFolder(), 'allowed')
  await expect(aRelay({ allowFile: file })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(file) })
  await writeFile(file, 'nobody')
  await expect(aRelay({ allowFile: file })).rejects.toMatchObject({ message: expect.stringContaining('line 1') })
  await expect(aRelay({ allow: ['nobody'] })).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
})

test('connections above the limits are refused, by reason; of one peer the oldest makes room', async () => {
  const [ann, bob] = [await somebody(), await somebody()]
  const relay = await aRelay({ limits: { connections: 3, connectionsPerPeer: 2 } })
  expect([await reach(ann, relay), await reach(ann, relay), await reach(ann, relay)]).toEqual([true, true, true])
  await expect.poll(async () => (await relay.report()).connections).toBe(2)
  expect((await relay.report()).refused).toMatchObject({ 'connections-of-peer': 1, 'connections-in-all': 0 })
  expect([await reach(bob, relay), await reach(bob, relay)]).toEqual([true, false])
  expect((await relay.report()).refused['connections-in-all']).toBe(1)
})

test('an address that connects too often is refused', async () => {
  const ann = await somebody()
  const relay = await aRelay({ limits: { connectionsPerSecond: 0.001 } })
  expect([await reach(ann, relay), await reach(ann, relay)]).toEqual([true, false])
  expect((await relay.report()).refused['connections-of-address']).toBe(1)
})

test('a limit that is none is refused', async () => {
  for (const limits of [{ circuits: 0 }, { circuitHours: 1000 }, { connections: Number.NaN }]) {
    await expect(aRelay({ limits })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  }
})
