import { describe, expect, it } from 'vitest'

import type { P2PApi } from '../../database/database.ts'
import { DatabaseError } from '../../errors.ts'
import { aCliNode, run, runJson, type CliNode } from '../cli.testkit.ts'
import { EXIT_CODES } from '../exit-codes.ts'

const SCHEMA = 'type Books { title: String }'
const DOC_ID = 'bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b'

const aBooksNode = (): Promise<CliNode> => aCliNode({ schema: SCHEMA, p2p: true })

async function infoOf(node: CliNode): Promise<{ readonly ID: string; readonly Addrs: readonly string[] }> {
  return (await runJson('client p2p info', node)) as { readonly ID: string; readonly Addrs: readonly string[] }
}

/** Looks again after each merge until the document is there. The test's own limit of time ends the wait. */
async function untilThere({ database }: CliNode, docID: string): Promise<void> {
  for (;;) {
    const arrived = new Promise<void>((resolve) => database.events.addEventListener('merge', () => resolve(), { once: true }))
    if ((await database.collection('Books').get(docID)) !== undefined) return
    await arrived
  }
}

describe('the commands of the peer-to-peer guide', () => {
  it('subscribe to documents and collections', async () => {
    await using node = await aBooksNode()
    const quiet = { code: 0, out: '', err: '' }
    expect(await run(`client p2p document add ${DOC_ID}`, node)).toEqual(quiet)
    expect(await runJson('client p2p document getall', node)).toEqual([DOC_ID])
    expect(await run(`client p2p document remove ${DOC_ID}`, node)).toEqual(quiet)
    expect(await runJson('client p2p document list', node)).toEqual([])

    const [version] = await node.database.collections.describe()
    expect(await run(`client p2p collection add ${version?.collectionId}`, node)).toEqual(quiet)
    expect(await runJson('client p2p collection getall', node)).toEqual(['Books'])
    expect(await run('client p2p collection remove Books', node)).toEqual(quiet)
    expect(await runJson('client p2p collection list', node)).toEqual([])
    expect(await run('client p2p collection add Boks', node)).toMatchObject({ code: EXIT_CODES.notFound })
  })

  it('connect two nodes and replicate one to the other', async () => {
    await using a = await aBooksNode()
    await using b = await aBooksNode()
    const docID = await a.database.collection('Books').create({ title: 'Tides' })
    const info = await infoOf(b)
    expect(info).toEqual({ ID: expect.stringMatching(/^12D3KooW/), Addrs: [expect.stringMatching(/^\/ip4\/127.*\/p2p\/12D3KooW/)] })

    expect(await run(['client', 'p2p', 'connect', JSON.stringify(info)], a)).toEqual({ code: 0, out: '', err: '' })
    expect(await runJson('client p2p active-peers', a)).toMatchObject([{ ID: info.ID, Link: 'tcp' }])

    expect(await run(`client p2p replicator set -c Books ${info.ID}`, a)).toEqual({ code: 0, out: '', err: '' })
    await untilThere(b, docID)
    const [version] = await a.database.collections.describe()
    expect(await runJson('client p2p replicator getall', a)).toMatchObject([
      { Info: { ID: info.ID }, CollectionIDs: [version?.collectionId], Collections: ['Books'], Status: 0 },
    ])

    expect(await run(`client p2p replicator delete ${info.Addrs[0]}`, a)).toEqual({ code: 0, out: '', err: '' })
    expect(await runJson('client p2p replicator list', a)).toEqual([])
    expect(await run(`client p2p disconnect ${info.ID}`, a)).toEqual({ code: 0, out: '', err: '' })
  })

  it('invite another node, which joins', async () => {
    await using a = await aBooksNode()
    await using b = await aCliNode({ p2p: true })
    const docID = await a.database.collection('Books').create({ title: 'Tides' })
    const { code, out } = await run('client p2p invite -c Books', a)
    expect([code, out]).toEqual([0, expect.stringMatching(/^#invite=[\w-]+\n$/)])
    for (const given of [out.trim(), out.trim().slice(1), `https://example.org/${out.trim()}`]) {
      expect(await run(['client', 'p2p', 'connect', given], b)).toEqual({ code: 0, out: '', err: '' })
    }
    expect(await runJson('client p2p collection getall', b)).toEqual(['Books'])
    await untilThere(b, docID)
    expect(await run('client p2p invite -c Nothing', a)).toMatchObject({ code: EXIT_CODES.notFound })
    expect((await run(['client', 'p2p', 'connect', out.slice(0, 50)], b)).err).toContain('cut off or mistyped')
  })

  it('block a peer, and block it no more', async () => {
    await using a = await aBooksNode()
    await using b = await aBooksNode()
    const { ID, Addrs } = await infoOf(b)
    await run(`client p2p connect ${Addrs[0]}`, a)
    expect(await run(`client p2p block ${Addrs[0]}`, a)).toEqual({ code: 0, out: '', err: '' })
    expect(await runJson('client p2p active-peers', a)).toEqual([])
    expect(await runJson('client p2p blocked', a)).toEqual([ID])
    expect((await run(`client p2p connect ${Addrs[0]}`, a)).err).toContain('is blocked')
    expect(await run(`client p2p unblock ${ID}`, a)).toEqual({ code: 0, out: '', err: '' })
    expect(await runJson('client p2p blocked', a)).toEqual([])
    expect(await run(`client p2p unblock ${ID}`, a)).toMatchObject({ code: EXIT_CODES.notFound })
    expect(await run('client p2p block nobody', a)).toMatchObject({ code: EXIT_CODES.refused })
  })

  it('fetch a document once', async () => {
    await using a = await aBooksNode()
    await using b = await aBooksNode()
    const docID = await a.database.collection('Books').create({ title: 'Tides' })
    await run(`client p2p connect ${(await infoOf(a)).Addrs[0]}`, b)
    expect(await run(`client p2p document sync Books ${docID}`, b)).toEqual({ code: 0, out: '', err: '' })
    expect(await b.database.collection('Books').get(docID)).toMatchObject({ title: 'Tides' })
    const missing = await run(`client p2p document sync --timeout 10ms Books ${DOC_ID}`, b)
    expect(missing).toMatchObject({ code: EXIT_CODES.timeout, out: '' })
    expect(missing.err).toContain(DOC_ID)
  })
})

describe('client p2p', () => {
  it('tells when the node has no network', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    expect(await run('client p2p info', node)).toMatchObject({ code: EXIT_CODES.failed, out: '' })
  })

  it('tries the addresses of a peer in order', async () => {
    const tried: string[] = []
    const connect: P2PApi['connect'] = async (address) => {
      tried.push(address)
      if (!address.includes('/tcp/2/')) throw new DatabaseError('UNREACHABLE', 'nobody there', { peer: address })
    }
    await using node = await aCliNode({ replace: ({ p2p }) => ({ p2p: { ...p2p, connect } }) })
    const info = (...ports: readonly number[]): string =>
      JSON.stringify({ ID: 'x', Addrs: ports.map((port) => `/ip4/1.1.1.1/tcp/${port}`) })
    expect(await run(['client', 'p2p', 'connect', info(1, 2, 3)], node)).toMatchObject({ code: 0 })
    expect(tried).toEqual(['/ip4/1.1.1.1/tcp/1/p2p/x', '/ip4/1.1.1.1/tcp/2/p2p/x'])
    expect(await run(['client', 'p2p', 'connect', info(3, 4)], node)).toMatchObject({ code: EXIT_CODES.unreachable })
    const alone = await run('client p2p connect garbage', node)
    expect(alone).toMatchObject({
      code: EXIT_CODES.refused,
      err: expect.stringContaining('"garbage" is no address; give one that ends with /p2p/'),
    })
  })

  it('refuses an address without a peer', async () => {
    const { code, err } = await run('client p2p replicator set /ip4/1.2.3.4/tcp/9171', undefined)
    expect(code).toBe(EXIT_CODES.refused)
    expect(err).toContain('does not end with "/p2p/<peer ID>"')
  })
})
