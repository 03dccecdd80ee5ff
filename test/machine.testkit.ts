import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

import { openHttpDatabase, type HttpDatabase } from '../src/index.http.ts'

const PROGRAM = join(import.meta.dirname, '../src/cli/main.ts')

/** The ports of a node that is told nothing else. */
const DEFAULT_PORTS: Ports = { http: 9181, p2p: 9171 }

interface Ports {
  readonly http: number
  readonly p2p: number
}

/** One user's place on a machine: a home, in which command lines are run as they are typed. What it has started ends with it. */
export interface Machine extends AsyncDisposable {
  readonly home: string
  readonly ports: Ports
  /** Of the API of its node. */
  readonly url: string
  /** Its node, for what is not to be run as a command. */
  readonly database: HttpDatabase
  /** Runs a command line to its end. It is split at spaces; further words are taken as they are. */
  run(line: string, ...words: readonly string[]): Promise<Outcome>
  /** The JSON that a command prints. @throws what it says when it fails */
  json(line: string, ...words: readonly string[]): Promise<unknown>
  /** Starts a node and waits until its API answers. @throws what it said when it ends before */
  start(line?: string): Promise<Program>
  /** Starts a program and waits for nothing. */
  begin(line: string): Program
}

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A process that runs. */
export interface Program {
  readonly pid: number | undefined
  /** Lines of its standard output, and of its standard error. */
  readonly out: readonly string[]
  readonly err: readonly string[]
  /** Resolves with the exit code; `null` when a signal ended it. */
  readonly ended: Promise<number | null>
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** A machine whose node has the default ports, where nobody has them, or free ones. */
export async function aMachine(
  options: { readonly ports?: Ports; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), 'warren-machine-'))
  const ports = options.ports ?? { http: await freePort(), p2p: await freePort() }
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    ...portSettings(ports),
    ...options.env,
  }
  const programs = new Set<Program>()

  function begin(line: string, ...words: readonly string[]): Program {
    const [, ...first] = line.split(' ')
    const child = spawn(process.execPath, [PROGRAM, ...first, ...words], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'close').then(() => child.exitCode)
    const program: Program = {
      pid: child.pid,
      out: linesOf(child.stdout),
      err: linesOf(child.stderr),
      ended,
      end: (signal) => {
        child.kill(signal)
        return ended
      },
    }
    programs.add(program)
    void ended.then(() => programs.delete(program))
    return program
  }

  async function run(line: string, ...words: readonly string[]): Promise<Outcome> {
    const { ended, out, err } = begin(line, ...words)
    return { code: await ended, out: textOf(out), err: textOf(err) }
  }

  const url = `http://127.0.0.1:${ports.http}`
  const database = openHttpDatabase({ url })
  return {
    home,
    ports,
    url,
    database,
    run,
    json: async (line, ...words) => {
      const { code, out, err } = await run(line, ...words)
      if (code !== 0) throw new Error(`${line} ended with ${code}: ${err}`)
      return JSON.parse(out) as unknown
    },
    start: async (line = 'warrendb start') => {
      const program = begin(line)
      let hasEnded = false
      void program.ended.then(() => (hasEnded = true))
      while (![...program.err, ...program.out].some((said) => said.includes('Providing HTTP API at'))) {
        if (hasEnded) throw new Error(`${line} ended:\n${textOf(program.err)}`)
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
      }
      return program
    },
    begin,
    [Symbol.asyncDispose]: async () => {
      await database.close()
      await Promise.all([...programs].map((program) => program.end('SIGKILL')))
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Between two looks at what a node has logged. */
const LOOK_AGAIN = 20

/** The default ports, or free ones when somebody has one of them. */
export async function defaultPorts(): Promise<Ports> {
  const areFree = (await isFree(DEFAULT_PORTS.http)) && (await isFree(DEFAULT_PORTS.p2p))
  return areFree ? DEFAULT_PORTS : { http: await freePort(), p2p: await freePort() }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)))
  })
}

/** Where the defaults will not do, the environment says so: command lines stay as they are written. */
function portSettings({ http, p2p }: Ports): Readonly<Record<string, string>> {
  return {
    ...(http === DEFAULT_PORTS.http ? {} : { WARREN_API_ADDRESS: `127.0.0.1:${http}` }),
    ...(p2p === DEFAULT_PORTS.p2p ? {} : { WARREN_NET_P2PADDRESSES: `/ip4/127.0.0.1/tcp/${p2p}` }),
  }
}

function linesOf(stream: Readable): readonly string[] {
  const lines: string[] = []
  createInterface({ input: stream }).on('line', (line) => lines.push(line))
  return lines
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
