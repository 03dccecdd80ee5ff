#!/usr/bin/env node
import { homedir } from 'node:os'
import process from 'node:process'

import { DatabaseError } from '../errors.ts'
import type { Connect } from './connection.ts'
import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

// Whoever reads has enough, as `| head` does: there is nobody to tell.
process.stdout.on('error', (error: Error & { readonly code?: string }) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

/** Ends properly at the first signal; a second one ends the process at once. */
const ending = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())

const connect: Connect = ({ url }) =>
  Promise.reject(new DatabaseError('UNSUPPORTED', `there is no HTTP client yet to ask ${url}`, { feature: 'http' }))

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  signal: ending.signal,
  connect,
})
