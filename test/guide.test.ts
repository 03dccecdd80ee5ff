import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it, vi } from 'vitest'

import { aMachine, defaultPorts, freePort, isFree, type Machine, type Outcome, type Program } from './machine.testkit.ts'

/*
 * The peer-to-peer how-to guide of DefraDB, command by command, with the name replaced. Each machine has one node, in a process of its own; that the second one on this
 * computer cannot have the default ports stands in its environment, so that the command lines are those of the guide.
 */
// Each test starts several processes, on machines that may have others to run.
vi.setConfig({ testTimeout: 120_000 })

/** That of the guide's examples. */
const STRANGER = '12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'
const SCHEMA = 'type Books { title: String edition: Int }'
const LONG_WAIT = { timeout: 15_000 }

interface PeerInfo {
  readonly ID: string
  readonly Addrs: readonly string[]
}

async function infoOf(machine: Machine): Promise<PeerInfo> {
  return (await machine.json('warrendb client p2p info')) as PeerInfo
}

function addBook({ database }: Machine, title: string): Promise<string> {
  return database.collection('Books').create({ title, edition: 1 })
}

function setEdition({ database }: Machine, docID: string, edition: number): Promise<void> {
  return database.collection('Books').update(docID, { edition })
}

/** Waits until a node has these books in these editions, and no others. */
async function untilBooks({ database }: Machine, books: Readonly<Record<string, number>>): Promise<void> {
  const read = async (): Promise<unknown> => {
    const { data } = await database.execute('{ Books { title edition } }')
    const found = data?.['Books'] as readonly { readonly title: string; readonly edition: number }[]
    return Object.fromEntries(found.map(({ title, edition }) => [title, edition]))
  }
  await expect.poll(read, LONG_WAIT).toEqual(books)
}

/** Two machines with the same schema; the second one was told at its start where the first one is. */
async function aPair(): Promise<{
  readonly a: Machine
  readonly b: Machine
  readonly nodes: readonly [Program, Program]
  readonly startB: string
  readonly [Symbol.asyncDispose]: () => Promise<void>
}> {
  const [a, b] = [await aMachine({ ports: await defaultPorts() }), await aMachine()]
  const first = await a.start()
  const startB = `warrendb start --peers ${(await infoOf(a)).Addrs[0]}`
  const nodes = [first, await b.start(startB)] as const
  for (const { database } of [a, b]) await database.schema.add(SCHEMA)
  const dispose = async (): Promise<void> => {
    await a[Symbol.asyncDispose]()
    await b[Symbol.asyncDispose]()
  }
  return { a, b, nodes, startB, [Symbol.asyncDispose]: dispose }
}

/** The command did what it was to do, and has nothing to say. */
const DONE: Outcome = { code: 0, out: '', err: '' }

describe('start and configure', () => {
  it('"warrendb start" listens on the default ports and logs the lines that the guide shows', async () => {
    await using machine = await aMachine({ ports: await defaultPorts() })
    const node = await machine.start('warrendb start')
    const time = String.raw`^[A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d\.\d{3} `
    const shown = [
      'INF cli Starting WarrenDB$',
      String.raw`INF net Created LibP2P host PeerId=12D3KooW\w{44} Address=\[/ip4/127\.0\.0\.1/tcp/${machine.ports.p2p}\]$`,
      'INF net Starting internal broadcaster for pubsub network$',
    ].map((line) => new RegExp(time + line))
    const places = shown.map((line) => node.err.findIndex((logged) => line.test(logged)))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    expect(node.out).toEqual([])
    expect(await (await fetch(`${machine.url}/health-check`)).text()).toBe('Healthy')
  })

  it('"warrendb start --no-p2p" has no network, and says so', async () => {
    await using machine = await aMachine({ ports: await defaultPorts() })
    const node = await machine.start('warrendb start --no-p2p')
    expect(node.err.join('\n')).toMatch(/INF net The peer-to-peer network is off/)
    expect(node.err.join('\n')).not.toContain('LibP2P')
    expect(await isFree(machine.ports.p2p)).toBe(true)
    const { code, out, err } = await machine.run('warrendb client p2p info')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^Error: .*p2p.*\n$/)
  })

  it('"warrendb start --p2paddr /ip4/0.0.0.0/tcp/<port>" listens on all interfaces', async () => {
    await using machine = await aMachine({ ports: await defaultPorts() })
    await using other = await aMachine()
    const port = (await isFree(9172)) ? 9172 : await freePort()
    await machine.start(`warrendb start --p2paddr /ip4/0.0.0.0/tcp/${port}`)
    await other.start()
    const { ID, Addrs } = await infoOf(machine)
    expect(Addrs).toContain(`/ip4/127.0.0.1/tcp/${port}/p2p/${ID}`)
    expect(Addrs.filter((address) => !address.endsWith(`/tcp/${port}/p2p/${ID}`) || address.includes('0.0.0.0'))).toEqual([])
    expect(await other.run(`warrendb client p2p connect /ip4/127.0.0.1/tcp/${port}/p2p/${ID}`)).toEqual(DONE)
  })
})

describe('peer IDs', () => {
  it.each([
    ['without a keyring secret', {}],
    ['with one', { WARREN_KEYRING_SECRET: 'a secret' }],
  ])('stay over a restart after a crash, %s', async (_, env) => {
    await using machine = await aMachine({ ports: await defaultPorts(), env })
    const ids: string[] = []
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const node = await machine.start()
      const { ID } = await infoOf(machine)
      expect(node.err.join('\n')).toContain(`PeerId=${ID} `)
      ids.push(ID)
      await node.end(signal)
    }
    expect(new Set(ids).size).toBe(1)
  })

  it('stay when a secret is set later, and the key is in the keyring alone from then on', async () => {
    await using machine = await aMachine()
    await (await machine.start()).end('SIGTERM')
    const secret = join(machine.home, '.env')
    const idOf = async (): Promise<string> => {
      const node = await machine.start()
      const { ID } = await infoOf(machine)
      await node.end('SIGTERM')
      return ID
    }
    const before = await idOf()
    await writeFile(secret, 'WARREN_KEYRING_SECRET=a secret\n')
    expect(await idOf()).toBe(before)
    expect(await machine.json('warrendb keyring list')).toContain('peer-key')
    await rm(secret)
    expect(await idOf()).not.toBe(before)
  })
})

describe('subscriptions', () => {
  it('to a document bring it with its updates, until it is removed', async () => {
    await using pair = await aPair()
    const { a, b } = pair
    const [first, second] = [await addBook(a, 'first'), await addBook(a, 'second')]
    expect(await b.run(`warrendb client p2p document add ${first}`)).toEqual(DONE)
    await untilBooks(b, { first: 1 })
    await setEdition(a, first, 2)
    await untilBooks(b, { first: 2 })
    expect(await b.json('warrendb client p2p document getall')).toEqual([first])

    expect(await b.run(`warrendb client p2p document remove ${first}`)).toEqual(DONE)
    expect(await b.json('warrendb client p2p document getall')).toEqual([])
    await setEdition(a, first, 3)
    // What comes later has come, and the update before it has not.
    expect(await b.run(`warrendb client p2p document add ${second}`)).toEqual(DONE)
    await setEdition(a, second, 7)
    await untilBooks(b, { first: 2, second: 7 })
  })

  it.each(['Books', 'its ID'])('to a collection by %s bring its documents, until it is removed', async (way) => {
    await using pair = await aPair()
    const { a, b } = pair
    const [described] = await b.database.collections.describe({ name: 'Books' })
    const name = way === 'Books' ? way : (described?.collectionId ?? '')
    const before = await addBook(a, 'before')
    expect(await b.run(`warrendb client p2p collection add ${name}`)).toEqual(DONE)
    await untilBooks(b, { before: 1 })
    await addBook(a, 'after')
    await setEdition(a, before, 2)
    await untilBooks(b, { before: 2, after: 1 })
    expect(await b.json('warrendb client p2p collection getall')).toEqual(['Books'])

    expect(await b.run(`warrendb client p2p collection remove ${name}`)).toEqual(DONE)
    expect(await b.json('warrendb client p2p collection getall')).toEqual([])
    await addBook(a, 'unseen')
    const seen = await addBook(a, 'seen')
    expect(await b.run(`warrendb client p2p document add ${seen}`)).toEqual(DONE)
    await untilBooks(b, { before: 2, after: 1, seen: 1 })
  })
})

describe('a replicator', () => {
  it('gives what was there and what comes, also after a restart of either side', async () => {
    await using pair = await aPair()
    const { a, b, nodes, startB } = pair
    await addBook(b, 'before')
    const { ID } = await infoOf(a)
    expect(await b.run(`warrendb client p2p replicator set -c Books ${ID}`)).toEqual(DONE)
    await untilBooks(a, { before: 1 })
    await addBook(b, 'after')
    await untilBooks(a, { before: 1, after: 1 })

    expect(await nodes[1].end('SIGTERM')).toBe(0)
    await b.start(startB)
    expect(await b.json('warrendb client p2p replicator getall')).toMatchObject([{ Info: { ID }, Collections: ['Books'] }])
    await addBook(b, 'own restart')
    await untilBooks(a, { before: 1, after: 1, 'own restart': 1 })

    expect(await nodes[0].end('SIGTERM')).toBe(0)
    await addBook(b, 'away')
    await a.start()
    await untilBooks(a, { before: 1, after: 1, 'own restart': 1, away: 1 })
    const [replicator] = (await b.json('warrendb client p2p replicator getall')) as readonly unknown[]
    expect(replicator).toMatchObject({ Info: { ID }, Collections: ['Books'], Status: 0, Lacking: [] })
  })
})

describe('when peers do not connect', () => {
  it('"p2p connect" says why, and what to check', async () => {
    await using a = await aMachine({ ports: await defaultPorts() })
    await using b = await aMachine()
    await a.start()
    await b.start()
    const [{ ID: there }, { ID: self }] = [await infoOf(a), await infoOf(b)]
    const dead = `/ip4/127.0.0.1/tcp/${await freePort()}/p2p/${STRANGER}`
    const wrong = `/ip4/127.0.0.1/tcp/${a.ports.p2p}/p2p/${STRANGER}`
    const cases: readonly (readonly [address: string, code: number, says: readonly string[]])[] = [
      [dead, 3, [dead, 'ECONNREFUSED', 'check that it runs', 'firewall']],
      [wrong, 3, [wrong, there]],
      ['garbage', 5, ['"garbage"', '/p2p/']],
      [STRANGER, 5, [STRANGER, 'client p2p info']],
      [`/ip4/127.0.0.1/tcp/${a.ports.p2p}`, 5, ['/p2p/<peer ID>', 'client p2p info']],
      ['/ip4/127.0.0.1/tcp/1/p2p/garbage', 5, ['peer ID']],
      [`/ip4/127.0.0.1/tcp/${b.ports.p2p}/p2p/${self}`, 5, ['this node itself']],
    ]
    for (const [address, code, says] of cases) {
      const outcome = await b.run(`warrendb client p2p connect ${address}`)
      expect(outcome, address).toMatchObject({ code, out: '' })
      expect(outcome.err, address).toMatch(/^Error: .*\n$/)
      for (const text of says) expect(outcome.err, address).toContain(text)
    }
  })

  it('a node whose --peers are away starts, and connects once they are there', async () => {
    await using a = await aMachine({ ports: await defaultPorts() })
    await using b = await aMachine()
    const first = await a.start()
    const { ID, Addrs } = await infoOf(a)
    await first.end('SIGTERM')
    const node = await b.start(`warrendb start --peers ${Addrs[0]}`)
    expect(await b.json('warrendb client p2p active-peers')).toEqual([])
    await a.start()
    await expect.poll(() => node.err.join('\n'), LONG_WAIT).toContain(`Connected to a peer PeerId=${ID} `)
  })
})
