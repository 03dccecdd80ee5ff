import process from 'node:process'

import { defineCommand, type Command } from '../command.ts'
import { versionOfPackage } from '../../util/version-of-package.node.ts'

/** What else `--full` names: what a node can talk to, and whose data it reads. */
const COMPATIBILITY = { httpapi: 'v0', dataformat: 'DefraDB 0.19' } as const

export const version: Command = defineCommand({
  name: 'version',
  summary: 'Show the version',
  options: {
    format: { kind: 'text', short: 'f', value: 'format', choices: ['text', 'json'], description: 'how it is shown (default text)' },
    full: { kind: 'flag', description: 'also what it runs on and what it is compatible with' },
  },
  examples: ['warrendb version', 'warrendb version --format json --full'],
  run: async ({ options, terminal, print }) => {
    const release = await versionOfPackage()
    const more = options.full ? { node: process.version.slice(1), ...COMPATIBILITY } : {}
    if (options.format === 'json') return print({ release, ...more })
    const lines = options.full
      ? ['', `- Node: ${process.version.slice(1)}`, `- HTTP API: ${COMPATIBILITY.httpapi}`, `- Data format: ${COMPATIBILITY.dataformat}`]
      : []
    await terminal.out([`warrendb ${release}`, ...lines, ''].join('\n'))
  },
})
