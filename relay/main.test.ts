import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, onTestFinished, test } from 'vitest'

import { aNode, untilInSync } from '../src/network/network.testkit.ts'

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves to what was printed, once it has this in it. */
  printed(text: string): Promise<string>
}

async function run(...options: readonly string[]): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-relay-'))
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), '--dir', folder, ...options])
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  })
  let [stdout, stderr] = ['', '']
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const listener of listeners) listener()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return {
    child,
    ended: new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr }))
    }),
    printed: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve(stdout)
        }
        listeners.add(look)
        look()
      }),
  }
}

const ANYWHERE = ['--port', '0', '--stun-port', '0', '--http-port', '0', '--host', '127.0.0.1']

test('the command runs a relay, prints its addresses, and stops cleanly at a signal', async () => {
  const relay = await run(...ANYWHERE)
  const printed = await relay.printed('Ctrl+C')
  const relays = printed.match(/\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/\w+/g) ?? []
  expect(relays).toHaveLength(1)
  expect(printed).toMatch(/\/ip4\/127\.0\.0\.1\/udp\/\d+\/webrtc-direct\/certhash\/\S+\/p2p\/\w+/)
  expect(printed).toMatch(/answers STUN requests on UDP port \d+/)
  const [url = ''] = printed.match(/http:\/\/127\.0\.0\.1:\d+\//) ?? []
  expect(await (await fetch(`${url}health`)).text()).toBe('ok\n')
  await using a = await aNode({ relays })
  await using b = await aNode({ relays })
  await untilInSync(a, b)
  relay.child.kill('SIGTERM')
  expect(await relay.ended).toMatchObject({ code: 0, stderr: '' })
})

test('a busy port gives one clear line and exit code 1', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const { ended } = await run('--port', port, '--host', '127.0.0.1')
  expect(await ended).toEqual({
    code: 1,
    stdout: '',
    stderr: `warrendb-relay: port ${port} is in use, perhaps by another relay; stop that one or choose another port with --port\n`,
  })
})

test.each([
  [['--help'], 0, /^Usage: warrendb-relay/, /^$/],
  [['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  [['--prot', '1'], 1, /^$/, /^warrendb-relay: Unknown option '--prot'.*\n$/],
  [['--port', 'many'], 1, /^$/, /^warrendb-relay: "many" is no port.*\n$/],
  [['--announce', 'here'], 1, /^$/, /^warrendb-relay: "here" is no multiaddr.*\n$/],
])('%j ends with code %i', async (options, code, stdout, stderr) => {
  const { ended } = await run(...options)
  const result = await ended
  expect(result.stdout).toMatch(stdout)
  expect(result.stderr).toMatch(stderr)
  expect(result.code).toBe(code)
})
