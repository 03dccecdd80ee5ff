import { execFile } from 'node:child_process'
import { createServer, connect, type Server } from 'node:net'
import { promisify } from 'node:util'

import type { OwnBrowserOptions } from './own-browser.ts'

/** A network of its own for a browser, behind one virtual cable: what this machine serves on 127.0.0.1 is reached through it. */
export interface OwnNetwork extends AsyncDisposable {
  /** What a browser in this network is started with. */
  readonly browser: OwnBrowserOptions
  /** Takes the address away and gives another one, as another Wi-Fi does. */
  change(): Promise<void>
  /** Pulls the cable, and says nothing to anybody. */
  unplug(): Promise<void>
  plug(): Promise<void>
}

const run = promisify(execFile)
/** Of the second browser; each change takes the next one. */
const FIRST_HOST = 2

/** `undefined` where it cannot be made: that takes Linux, root and `ip`. `ports`: those of this machine that the browser uses. */
export async function createOwnNetwork(ports: readonly number[]): Promise<OwnNetwork | undefined> {
  const number = process.pid % 250
  const [name, cable, end] = [`warren-${process.pid}`, `wc${process.pid}`, `we${process.pid}`]
  const here = `10.213.${number}.1`
  const ip = (...args: readonly string[]): Promise<unknown> => run('ip', args)
  const inside = (...args: readonly string[]): Promise<unknown> => ip('-n', name, ...args)
  let last = FIRST_HOST

  async function give(): Promise<void> {
    await inside('address', 'add', `10.213.${number}.${last}/24`, 'dev', end)
    // Browsers offer the addresses of the default route only.
    await inside('route', 'replace', 'default', 'via', here)
  }

  try {
    await ip('netns', 'add', name)
  } catch {
    return undefined
  }
  await ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', end, 'netns', name)
  await ip('address', 'add', `${here}/24`, 'dev', cable)
  await ip('link', 'set', cable, 'up')
  await inside('link', 'set', 'lo', 'up')
  await inside('link', 'set', end, 'up')
  await give()
  const servers = await Promise.all(ports.map((port) => forward(here, port)))

  return {
    browser: {
      prefix: ['ip', 'netns', 'exec', name],
      // The page keeps its name, and so what only secure pages may do.
      launchArguments: [`--host-resolver-rules=MAP * ${here}`],
    },
    change: async () => {
      await inside('address', 'flush', 'dev', end)
      last += 1
      await give()
    },
    unplug: async () => {
      await ip('link', 'set', cable, 'down')
    },
    plug: async () => {
      await ip('link', 'set', cable, 'up')
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) server.close()
      // Both ends go with the cable, at once; those of a namespace that is deleted go some time later.
      await ip('link', 'delete', cable)
      await ip('netns', 'delete', name)
    },
  }
}

async function forward(host: string, port: number): Promise<Server> {
  const server = createServer((client) => {
    const target = connect(port, '127.0.0.1')
    client.pipe(target).pipe(client)
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(port, host, resolve)
  })
  server.unref()
  return server
}
