#!/usr/bin/env node
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

import { renderUnicodeCompact } from 'uqr'

import { messageOf } from '../src/errors.ts'
import { versionOfPackage } from '../src/util/version-of-package.node.ts'
import { HELP, readCommandLine } from './command-line.ts'
import { bestFirst } from './invitation.ts'
import { startRelay, type Relay } from './relay.ts'
import { LOG_LEVELS, type Log, type LogLevel } from './tally.ts'

async function main(): Promise<void> {
  const command = readCommandLine(process.argv.slice(2), process.env, join(homedir(), '.warrendb-relay'))
  switch (command.kind) {
    case 'help':
      return console.log(HELP)
    case 'version':
      return console.log(await versionOfPackage())
    case 'run': {
      const relay = await startRelay({ ...command.options, log: printFrom(command.logLevel) })
      announce(relay, (command.options.announce ?? []).length > 0)
      stopOnSignals(relay)
    }
  }
}

function announce(relay: Relay, isAnnounced: boolean): void {
  const { invitation, httpUrl, stunPort } = relay
  console.log(`The relay runs as ${relay.peerId}. Nodes reach it at\n`)
  // Whoever is to come from elsewhere needs one of the first.
  for (const address of isAnnounced ? relay.addresses : bestFirst(relay.addresses)) console.log(`  ${address}`)
  console.log('')
  if (invitation.link !== undefined) console.log(`Invite with ${invitation.link}\n`)
  if (process.stdout.isTTY && invitation.text !== undefined) console.log(`${renderUnicodeCompact(invitation.text)}\n`)
  if (httpUrl !== undefined) console.log(`Its state is at ${httpUrl}`)
  if (stunPort !== undefined) console.log(`It answers STUN requests on UDP port ${stunPort}.`)
  console.log('Stop it with Ctrl+C.')
}

/** Lines for a journal: what is wrong goes to the standard error. */
function printFrom(least: LogLevel): Log {
  const most = LOG_LEVELS.indexOf(least)
  return (level, text) => {
    if (LOG_LEVELS.indexOf(level) > most) return
    const line = `${new Date().toISOString()} ${level} ${text}`
    if (level === 'error') console.error(line)
    else console.log(line)
  }
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
  console.error(`warrendb-relay: ${messageOf(reason)}`)
  process.exit(1)
}

main().catch(fail)
