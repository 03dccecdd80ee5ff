#!/usr/bin/env node
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { messageOf } from '../src/errors.ts'
import { versionOfPackage } from '../src/util/version-of-package.node.ts'
import { DEFAULT_HOST, DEFAULT_PORT } from './options.ts'
import { startRelay, type Relay } from './relay.ts'

const DEFAULT_DIRECTORY = join(homedir(), '.warrendb-relay')

const HELP = `Usage: warrendb-relay [options]

Runs a relay: the place where WarrenDB nodes find each other. It learns who is there, never what they say.

  --port <number>         TCP port to listen on (default ${DEFAULT_PORT}; 0 takes a free one)
  --host <IP address>     interface to listen on (default ${DEFAULT_HOST}, all of them)
  --dir <folder>          where the relay keeps its identity (default ~/.warrendb-relay)
  --announce <multiaddr>  address to tell others instead of the ones listened on; may be given several times
  --help                  show this text
  --version               show the version`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      host: { type: 'string', default: DEFAULT_HOST },
      dir: { type: 'string', default: DEFAULT_DIRECTORY },
      announce: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
      version: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  if (values.version) return console.log(await versionOfPackage())

  const relay = await startRelay({ port: parsePort(values.port), host: values.host, directory: values.dir, announce: values.announce })
  console.log(`The relay runs as ${relay.peerId}. Nodes reach it at\n`)
  for (const address of relay.addresses) console.log(`  ${address}`)
  console.log('\nStop it with Ctrl+C.')
  stopOnSignals(relay)
}

function parsePort(text: string): number {
  // `Number('')` is 0, which would be a free port.
  return /^\d+$/.test(text) ? Number(text) : fail(`"${text}" is no port; give a number from 0 to 65535`)
}

/** Closes properly at the first signal; a second one ends the process at once. */
function stopOnSignals(relay: Relay): void {
  const stop = (): void => {
    process.once('SIGINT', () => process.exit(1))
    process.once('SIGTERM', () => process.exit(1))
    relay.close().then(() => process.exit(0), fail)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function fail(reason: unknown): never {
  console.error(`warrendb-relay: ${typeof reason === 'string' ? reason : messageOf(reason)}`)
  process.exit(1)
}

main().catch(fail)
