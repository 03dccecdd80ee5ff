import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { runCommand } from '../src/cli/node-process.testkit.ts'
import { aMachine, type Machine, type Outcome } from './machine.testkit.ts'

// Each test starts several processes, on machines that may have others to run.
vi.setConfig({ testTimeout: 120_000 })

const SCHEMA = 'type Books { title: String edition: Int }'
const LONG_WAIT = { timeout: 15_000 }
const ALONE = 'warrendb start --no-p2p'
const START = 'warrendb start'

/** What a command prints that has failed: one line after what it has logged. */
function failureOf({ out, err }: Outcome): string {
  expect(out).toBe('')
  const said = err.trimEnd().split('\n')
  expect(said.filter((line) => !/ (?:INF|WRN) /.test(line))).toEqual([said.at(-1)])
  return said.at(-1) ?? ''
}

async function aTakenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())))
  return (server.address() as AddressInfo).port
}

async function configure(machine: Machine, yaml: string): Promise<string> {
  const folder = join(machine.home, '.warrendb')
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'config.yaml')
  await writeFile(file, yaml)
  return file
}

describe('a node does not start', () => {
  it('in a root directory that another process holds, and says which', async () => {
    await using machine = await aMachine()
    const node = await machine.start(ALONE)
    const outcome = await machine.run(ALONE)
    expect(outcome.code).toBe(6)
    expect(failureOf(outcome)).toMatch(new RegExp(`^Error: .*process ${node.pid},.*--rootdir`))
    expect(await machine.json('warrendb client schema describe')).toEqual([])
    const dumped = await machine.run('warrendb server-dump')
    expect(dumped.code).toBe(6)
    expect(failureOf(dumped)).toContain(`process ${node.pid},`)
  })

  it('with an address that is none, before it makes anything', async () => {
    await using machine = await aMachine()
    const cases: readonly (readonly [flags: string, code: number, says: string])[] = [
      ['--url nonsense:port', 5, '"nonsense:port"'],
      ['--p2paddr garbage', 5, '"garbage"'],
      ['--peers garbage', 5, '"garbage"'],
      ['--pubkeypath cert.pem', 5, '--privkeypath'],
      ['--pubkeypath cert.pem --privkeypath key.pem', 4, 'key.pem'],
      ['--replicator-retry-intervals soon', 2, 'seconds'],
      ['--node-acp-enable', 2, '--node-acp-enable'],
    ]
    for (const [flags, code, says] of cases) {
      const outcome = await machine.run(`${START} ${flags}`)
      expect(outcome, flags).toMatchObject({ code })
      expect(failureOf(outcome), flags).toContain(says)
      expect(await readdir(machine.home), flags).toEqual([])
    }
  })

  it('where it cannot listen, and does where it can', async () => {
    await using machine = await aMachine()
    const [http, p2p] = [await aTakenPort(), await aTakenPort()]
    const onHttp = await machine.run(`${START} --url 127.0.0.1:${http}`)
    expect(onHttp.code).toBe(5)
    expect(failureOf(onHttp)).toMatch(new RegExp(`127.0.0.1:${http}.*--url`))
    const onP2p = await machine.run(`${START} --p2paddr /ip4/127.0.0.1/tcp/${p2p}`)
    expect(onP2p.code).toBe(5)
    expect(failureOf(onP2p)).toMatch(new RegExp(`TCP port ${p2p} is taken`))
    const onQuic = await machine.run(`${START} --p2paddr /ip4/127.0.0.1/udp/0/quic-v1`)
    expect(onQuic.code).toBe(5)
    expect(failureOf(onQuic)).toMatch(/quic-v1" is nothing that a node can listen on; give addresses such as /)
    await machine.start()
  })

  it('with a wrong configuration file, and says in which line', async () => {
    await using machine = await aMachine()
    const cases: readonly (readonly [yaml: string, line: number, says: string])[] = [
      ['net:\n  p2pdisabled: maybe\n', 2, 'net.p2pdisabled is "maybe"; it is true or false'],
      ['api:\n  address: :0\n  adress: x\n', 3, 'did you mean "api.address"?'],
      ['log:\n  level: loud\n', 2, 'log.level is "loud"'],
      ['log: [a\n', 2, ''],
      ['datastore:\n  badger:\n    path: x\n', 3, 'SQLite'],
    ]
    for (const [yaml, line, says] of cases) {
      const file = await configure(machine, yaml)
      const outcome = await machine.run(START)
      expect(outcome.code, yaml).toBe(2)
      expect(failureOf(outcome), yaml).toContain(`${file}, line ${line}: `)
      expect(failureOf(outcome), yaml).toContain(says)
      expect(await readdir(join(machine.home, '.warrendb'))).toEqual(['config.yaml'])
      expect(await readFile(file, 'utf8')).toBe(yaml)
    }
  })

  it('with another keyring secret than that of its keys', async () => {
    await using machine = await aMachine({ env: { WARREN_KEYRING_SECRET: 'right' } })
    await machine.run('warrendb keyring generate')
    await writeFile(join(machine.home, '.env'), 'WARREN_KEYRING_SECRET=never read\n')
    await writeFile(join(machine.home, 'wrong.env'), 'WARREN_KEYRING_SECRET=wrong\n')
    await using other = await aMachine()
    const keys = join(machine.home, '.warrendb/keys')
    const outcome = await other.run(`${START} --keyring-path ${keys} --secret-file ${machine.home}/wrong.env`)
    expect(outcome.code).toBe(5)
    expect(failureOf(outcome)).toMatch(/"peer-key" cannot be opened.*secret/)
    expect(existsSync(join(other.home, '.warrendb/data'))).toBe(false)
    await machine.start()
  })
})

it.skipIf(process.platform === 'win32')('a node keeps what it makes to its owner', async () => {
  await using machine = await aMachine()
  await machine.start(ALONE)
  await machine.database.schema.add(SCHEMA)
  const made = await readdir(join(machine.home, '.warrendb'), { recursive: true })
  expect(made).toEqual(expect.arrayContaining(['config.yaml', 'data', 'data/documents.sqlite']))
  const modes = await Promise.all(['', ...made].map(async (path) => (await stat(join(machine.home, '.warrendb', path))).mode & 0o077))
  expect(new Set(modes)).toEqual(new Set([0]))
})

describe('a node ends in order', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('at %s, with a subscription, a watch, an event stream and a transaction open', async (signal) => {
    await using machine = await aMachine()
    const node = await machine.start()
    const { database } = machine
    await database.schema.add(SCHEMA)
    const transaction = await database.beginTransaction()
    await transaction.collection('Books').create({ title: 'never' })
    const ends = [untilEnd(database.watch('{ Books { title } }')), untilEnd(database.subscribe('subscription { Books { title } }'))]
    const stream = await fetch(`${machine.url}/api/v0/events`, { headers: { accept: 'text/event-stream' } })
    expect(stream.status).toBe(200)
    await expect.poll(() => ends[0]?.results.length, LONG_WAIT).toBe(1)
    await database.collection('Books').create({ title: 'kept' })
    await expect.poll(() => ends.map(({ results }) => results.length), LONG_WAIT).toEqual([2, 1])

    expect(await node.end(signal)).toBe(0)
    expect(node.err.at(-1)).toContain('INF cli Stopped')
    await Promise.all([...ends.map(({ ended }) => ended), stream.text().catch(() => '')])
    await machine.start()
    expect((await database.execute('{ Books { title } }')).data).toEqual({ Books: [{ title: 'kept' }] })
  })
})

/** Reads to the end, whatever that is. */
function untilEnd<T>(iterable: AsyncIterable<T>): { readonly results: readonly T[]; readonly ended: Promise<void> } {
  const results: T[] = []
  const read = async (): Promise<void> => {
    for await (const result of iterable) results.push(result)
  }
  return { results, ended: read().catch(() => {}) }
}

describe('settings', () => {
  it('come from flags, the environment and the file, in this order', async () => {
    await using machine = await aMachine({ env: { WARREN_LOG_FORMAT: 'json', WARREN_NET_P2PDISABLED: 'true' } })
    await configure(machine, 'log:\n  output: stdout\n  format: text\n  level: error\nnet:\n  p2pdisabled: false\n')
    const node = await machine.start('warrendb start --log-level debug')
    // WARREN_API_ADDRESS stands in the environment of every machine.
    expect((await fetch(`${machine.url}/health-check`)).status).toBe(200)
    expect(node.err).toEqual([])
    const logged = node.out.map((line) => JSON.parse(line) as { readonly msg: string; readonly level: string; readonly name: string })
    expect(logged.map(({ msg }) => msg)).toContain('The peer-to-peer network is off')
    await machine.database.schema.add(SCHEMA)
    await machine.database.collection('Books').create({ title: 'one' })
    await expect.poll(() => node.out.join('\n'), LONG_WAIT).toMatch(/"level":"DEBUG","name":"db","msg":"Updated a document"/)
    await node.end('SIGTERM')
    expect(node.out.every((line) => 'time' in (JSON.parse(line) as object))).toBe(true)
  })

  it('of the log level leave out what is less grave', async () => {
    await using machine = await aMachine()
    const node = machine.begin(`${ALONE} --log-level error`)
    await expect.poll(async () => (await fetch(`${machine.url}/health-check`).catch(() => undefined))?.status, LONG_WAIT).toBe(200)
    expect(await node.end('SIGTERM')).toBe(0)
    expect([node.out, node.err]).toEqual([[], []])
  })

  it('keep documents in memory with --store memory', async () => {
    await using machine = await aMachine()
    const node = await machine.start(`${ALONE} --store memory`)
    await machine.database.schema.add(SCHEMA)
    await machine.database.collection('Books').create({ title: 'gone soon' })
    expect(existsSync(join(machine.home, '.warrendb/data'))).toBe(false)
    await node.end('SIGTERM')
    await machine.start(`${ALONE} --store memory`)
    expect(await machine.json('warrendb client schema describe')).toEqual([])
  })

  it('allow pages of some origins, and no others', async () => {
    await using machine = await aMachine()
    await machine.start(`${ALONE} --allowed-origins https://app.example,https://other.example`)
    const ask = (origin: string): Promise<Response> => fetch(`${machine.url}/api/v0/schema`, { headers: { origin } })
    const [listed, foreign] = [await ask('https://other.example'), await ask('https://evil.example')]
    expect([listed.status, listed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://other.example'])
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null])
    expect(await foreign.text()).toContain('--allowed-origins https://evil.example')
  })

  it('try a replicator that is away again after --replicator-retry-intervals', async () => {
    await using a = await aMachine()
    await using b = await aMachine()
    await a.start(`${START} --replicator-retry-intervals 1`)
    const target = await b.start()
    for (const { database } of [a, b]) await database.schema.add(SCHEMA)
    const [address = ''] = (await b.database.p2p.info()).addresses
    await target.end('SIGTERM')
    await a.database.collection('Books').create({ title: 'late' })
    await a.json('warrendb client p2p replicator getall')
    expect((await a.run(`warrendb client p2p replicator set -c Books ${address}`)).code).toBe(0)
    const problem = async (): Promise<string | undefined> => (await a.database.p2p.replicators.getAll())[0]?.problem
    await expect.poll(problem, LONG_WAIT).toContain('cannot be reached')
    await b.start()
    const books = async (): Promise<unknown> => (await b.database.execute('{ Books { title } }')).data
    await expect.poll(books, LONG_WAIT).toEqual({ Books: [{ title: 'late' }] })
  })
})

describe('HTTPS', () => {
  it('is served with a certificate and its key, to clients that trust it', async ({ skip }) => {
    await using machine = await aMachine()
    const request =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1'
    try {
      await promisify(execFile)('openssl', [...request.split(' '), '-keyout', 'key.pem', '-out', 'cert.pem'], { cwd: machine.home })
    } catch {
      skip('there is no openssl on this machine')
    }
    const node = await machine.start(`${ALONE} --pubkeypath cert.pem --privkeypath key.pem`)
    const url = `https://127.0.0.1:${machine.ports.http}`
    expect(node.err.join('\n')).toContain(`Providing HTTP API at ${url} `)
    const words = ['client', 'schema', 'describe', '--url', url]
    const trusting = await runCommand(words, { NODE_EXTRA_CA_CERTS: join(machine.home, 'cert.pem') })
    expect(trusting).toEqual({ code: 0, out: '[]\n', err: '' })
    const careful = await runCommand(words)
    expect(careful.code).toBe(3)
    expect(failureOf(careful)).toMatch(/self-signed certificate.*NODE_EXTRA_CA_CERTS/)
    expect(failureOf(await machine.run('warrendb client schema describe'))).toContain('give its address with https://')
    await node.end('SIGTERM')
    await writeFile(join(machine.home, 'key.pem'), 'no key')
    const broken = await machine.run(`${ALONE} --pubkeypath cert.pem --privkeypath key.pem`)
    expect(broken.code).toBe(5)
    expect(failureOf(broken)).toContain('PEM')
  })
})
