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
  await b.remote.p2p.connect(invite)
  expect(await b.remote.p2p.collections.getAll()).toEqual(['Note'])
  expect((await b.local.collections.describe()).map(({ name }) => name)).toEqual(['Note'])
  await expect(b.remote.p2p.connect('#invite=AAAA')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { argument: 'invite' } })
  await expect(a.remote.p2p.invite({ collections: ['Nothing'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
