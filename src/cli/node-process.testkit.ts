import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAM = join(import.meta.dirname, 'main.ts')

/** `warrendb start` in a process of its own, with a root directory that goes away with it. */
export interface NodeProcess extends AsyncDisposable {
  readonly rootdir: string
  readonly pid: number
  /** Of its HTTP API. */
  readonly url: string
  /** Empty without network. */
  readonly peerId: string
  /** Multiaddrs with the peer ID. */
  readonly addresses: readonly string[]
  /** What it has logged since it was started last. */
  readonly lines: readonly string[]
  /** Asks it to end and gives the exit code. */
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<number | null>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again, with the same flags and ports unless others are given. */
  restart(flags?: readonly string[]): Promise<void>
  /** Runs `warrendb client …` against it, in a process of its own. */
  client(...words: readonly string[]): Promise<CommandOutcome>
}

export interface CommandOutcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface NodeProcessOptions {
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

interface Running {
  readonly process: ChildProcess
  readonly lines: string[]
  readonly url: string
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** Starts a node on free ports, and waits until its API answers. @throws what it said when it ended before */
export async function startNodeProcess({ flags = [], env = {} }: NodeProcessOptions = {}): Promise<NodeProcess> {
  const rootdir = await mkdtemp(join(tmpdir(), 'warren-node-'))
  const given = [...(flags.includes('--no-p2p') || flags.includes('--p2paddr') ? [] : ['--p2paddr', '/ip4/127.0.0.1/tcp/0']), ...flags]
  let running = await launch(rootdir, [...given, ...(flags.includes('--url') ? [] : ['--url', '127.0.0.1:0'])], env)
  // A restart finds the same ports, as one of an administrator does.
  const { host } = new URL(running.url)
  const fixed = running.addresses.map((address) => address.replace(/\/p2p\/[^/]+$/, '').replace(/\/certhash\/.*$/, ''))
  const again = ['--url', host, ...(fixed.length === 0 ? [] : ['--p2paddr', fixed.join(',')]), ...withoutAddresses(flags)]

  async function ended(): Promise<number | null> {
    const { process } = running
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
    return process.exitCode
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    running.process.kill(signal)
    return ended()
  }

  return {
    rootdir,
    get pid() {
      return running.process.pid ?? 0
    },
    get url() {
      return running.url
    },
    get peerId() {
      return running.peerId
    },
    get addresses() {
      return running.addresses
    },
    get lines() {
      return running.lines
    },
    stop: (signal = 'SIGTERM') => end(signal),
    kill: async () => void (await end('SIGKILL')),
    restart: async (others = again) => {
      await end('SIGTERM')
      running = await launch(rootdir, others, env)
    },
    client: (...words) => runCommand(['client', '--url', running.url, ...words], env),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
      await rm(rootdir, { recursive: true, force: true })
    },
  }
}

/** Runs one command line to its end. */
export async function runCommand(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [PROGRAM, ...words], { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (piece) => (out += String(piece)))
  child.stderr.on('data', (piece) => (err += String(piece)))
  await once(child, 'close')
  return { code: child.exitCode, out, err }
}

async function launch(rootdir: string, flags: readonly string[], env: Readonly<Record<string, string>>): Promise<Running> {
  const child = spawn(process.execPath, [PROGRAM, 'start', '--rootdir', rootdir, ...flags], {
    env: environment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stderr })
  const ready = Promise.withResolvers<string>()
  reader.on('line', (line) => {
    lines.push(line)
    const url = /Providing HTTP API at (\S+)/.exec(line)?.[1]
    if (url !== undefined) ready.resolve(url)
  })
  child.once('close', () => ready.reject(new Error(`the node ended before it was ready:\n${lines.join('\n')}`)))
  const url = await ready.promise
  const [, peerId = '', listed = ''] = lines.map((line) => /PeerId=(\S+) Address=\[(.*)\]/.exec(line)).find((match) => match !== null) ?? []
  const addresses = listed
    .split(' ')
    .filter((address) => address !== '')
    .map((address) => `${address}/p2p/${peerId}`)
  return { process: child, lines, url, peerId, addresses }
}

/** Nothing that is set for whoever runs the tests reaches the node. */
function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH = '', HOME = tmpdir() } = process.env
  return { PATH, HOME, NODE_OPTIONS: '--disable-warning=ExperimentalWarning', ...env }
}

function withoutAddresses(flags: readonly string[]): readonly string[] {
  return flags.filter((flag, index) => !['--url', '--p2paddr'].includes(flag) && !['--url', '--p2paddr'].includes(flags[index - 1] ?? ''))
}
