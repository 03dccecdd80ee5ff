import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A relay in a process of its own, which can be killed and started again on the same port with the same identity. */
export interface RelayProcess {
  /** That of its WebSocket. */
  readonly address: string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  restart(): Promise<void>
  dispose(): Promise<void>
}

/** Where a relay runs. */
export interface RelayPlace {
  /** The interface that it listens on. */
  readonly host: string
  /** What starts a command there: the words before it. */
  readonly enter: readonly string[]
  /** 0 takes a free one. */
  readonly stunPort: number
}

const THIS_MACHINE: RelayPlace = { host: '127.0.0.1', enter: [], stunPort: 0 }

export async function startRelayProcess(place: RelayPlace = THIS_MACHINE): Promise<RelayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-relay-'))
  let current = await launch(place, folder, 0)
  const { address } = current
  const port = Number(/\/tcp\/(\d+)\//.exec(address)?.[1])

  async function kill(): Promise<void> {
    if (current.process.exitCode !== null || current.process.signalCode !== null) return
    current.process.kill('SIGKILL')
    await once(current.process, 'exit')
  }

  return {
    address,
    kill,
    restart: async () => {
      await kill()
      current = await launch(place, folder, port)
      if (current.address !== address) throw new Error(`the relay came back as ${current.address} instead of ${address}`)
    },
    dispose: async () => {
      await kill()
      await rm(folder, { recursive: true })
    },
  }
}

async function launch(
  { host, enter, stunPort }: RelayPlace,
  folder: string,
  port: number,
): Promise<{ readonly process: ChildProcess; readonly address: string }> {
  const script = join(import.meta.dirname, '../../relay/main.ts')
  const options = ['--host', host, '--port', String(port), '--stun-port', String(stunPort), '--no-http', '--dir', folder]
  const [program = process.execPath, ...words] = [...enter, process.execPath, script, ...options]
  const relay = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: relay.stdout })) {
    const address = /\/ip4\/\S+\/ws\/p2p\/\w+/.exec(line)?.[0]
    if (address !== undefined) {
      // What the relay prints later is read and dropped, so that it never waits for its reader.
      relay.stdout.resume()
      return { process: relay, address }
    }
  }
  throw new Error('the relay ended before it printed its address')
}
