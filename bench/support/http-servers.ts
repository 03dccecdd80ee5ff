import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startNodeProcess } from '../../src/cli/node-process.testkit.ts'

/** A server in a process of its own, with storage that goes away with it. */
export interface ServerProcess {
  readonly url: string
  stop(): Promise<void>
}

/** `warrendb start`, as it is installed. With `profiles`, a CPU profile is written to that folder at its end. */
export async function startWarren(profiles: string | undefined): Promise<ServerProcess> {
  const env = profiles === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` }
  const node = await startNodeProcess({ flags: ['--no-p2p'], env })
  return {
    url: node.url,
    stop: async () => {
      await node.stop()
      await node[Symbol.asyncDispose]()
    },
  }
}

/** The yardstick. */
export async function startBare(): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-bench-'))
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), [folder], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    stop: async () => {
      child.kill()
      await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
