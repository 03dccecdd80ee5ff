#!/usr/bin/env node
import { homedir } from 'node:os'
import process from 'node:process'

import { EXIT_CODES } from './exit-codes.ts'
import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

// Whoever reads has enough, as `| head` does: there is nobody to tell.
process.stdout.on('error', (error: Error & { readonly code?: string }) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

/** Ends properly at the first signal; a second one ends the process at once. */
const ending = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    ending.abort()
    process.once(name, () => process.exit(EXIT_CODES.interrupted))
  })
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  signal: ending.signal,
  // Loaded where it is used: help and a node that starts ask nobody.
  connect: async (options) => (await import('./http-connection.ts')).connectOverHttp(options),
})
