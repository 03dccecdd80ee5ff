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

const code = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  signal: ending.signal,
  // Loaded where it is used: help and a node that starts ask nobody.
  connect: async (options) => (await import('./http-connection.ts')).connectOverHttp(options),
})

// What was written must get out first, which takes its time where standard output is a pipe.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
// All is closed by now. A native WebRTC connection can keep the process alive all the same: its library does not always tell of its end.
process.exit(code)
