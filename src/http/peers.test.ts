import { expect, onTestFinished, test } from 'vitest'

import type { Database } from '../database/database.ts'
import { openLocalDatabase } from '../database/local-database.ts'
import { attachNodeNetwork } from '../network/attach.node.ts'
import type { P2POptions } from '../network/options.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { openHttpDatabase } from './client.ts'
import { createHttpHandler } from './handler.ts'

/** A node with a network, and the client of its API. */
async function aServedNode(schema?: string, p2p: P2POptions = {}): Promise<{ readonly local: Database; readonly remote: Database }> {
  const local = await openLocalDatabase({
    name: 'served',
    store: await openMemoryStore(),
    storageKind: 'memory',
    network: attachNodeNetwork(p2p),
    ...(schema === undefined ? {} : { schema }),
  })
  const handler = createHttpHandler({ database: () => local })
  const remote = openHttpDatabase({ fetch: (address, init) => handler.handle(new Request(address, init)) })
  onTestFinished(async () => {
    await remote.close()
    await handler.close()
    await local.close()
  })
  return { local, remote }
}

test('an invitation goes out and is taken over the API', async () => {
  const a = await aServedNode('type Note { title: String } type Other { n: Int }')
  const b = await aServedNode()
  const invite = await a.remote.p2p.invite({ collections: ['Note'] })
  expect(invite).toBe(await a.local.p2p.invite({ collections: ['Note'] }))
  expect(await a.remote.p2p.invite()).toBe(await a.local.p2p.invite())
  expect(await b.remote.p2p.readInvite(invite)).toEqual(await a.local.p2p.readInvite(invite))
  expect(await b.remote.p2p.readInvite(invite)).toMatchObject({
    peer: (await a.local.p2p.info()).id,
    collections: ['Note'],
    isToRoom: false,
  })
  await b.remote.p2p.connect(invite)
  expect(await b.remote.p2p.collections.getAll()).toEqual(['Note'])
  expect((await b.local.collections.describe()).map(({ name }) => name)).toEqual(['Note'])
  await expect(b.remote.p2p.connect('#invite=AAAA')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { argument: 'invite' } })
  await expect(a.remote.p2p.invite({ collections: ['Nothing'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('peers are blocked and unblocked over the API', async () => {
  const { local, remote } = await aServedNode()
  const peer = '12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'
  await remote.p2p.block(`/ip4/192.168.1.5/tcp/9171/p2p/${peer}`)
  expect(await remote.p2p.blocked()).toEqual([peer])
  expect(await local.p2p.blocked()).toEqual([peer])
  await remote.p2p.unblock(peer)
  expect(await remote.p2p.blocked()).toEqual([])
  await expect(remote.p2p.unblock(peer)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'blocked peer', id: peer } })
  await expect(remote.p2p.block('nobody')).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
})
