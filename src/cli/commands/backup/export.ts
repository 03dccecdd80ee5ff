import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

import { isFailure, throwIfAborted } from '../../../errors.ts'
import { defineCommand, type Command } from '../../command.ts'
import { showProgress } from '../../progress.ts'
import { fileProblem } from '../../read-input.ts'

export const exportBackup: Command = defineCommand({
  name: 'export',
  summary: 'Write documents to a file',
  description: `Writes the documents of all collections, or of some, as they are at one moment, without their history. The file is on this machine, whichever
the node is; an old one is replaced when the new one is complete. The path - is standard output.`,
  arguments: { path: { kind: 'one', description: 'the file to write, or - for standard output' } },
  options: {
    collections: { kind: 'list', short: 'c', value: 'names', description: 'the collections (default all)' },
    format: { kind: 'text', short: 'f', value: 'format', choices: ['json'], description: 'the format; there is only json' },
    pretty: { kind: 'flag', short: 'p', description: 'laid out over lines' },
  },
  examples: ['warrendb client backup export backup.json', 'warrendb client backup export -p -c User,Book backup.json'],
  run: async ({ options, args, connect, terminal, signal }) => {
    const { database } = await connect()
    const progress = showProgress(terminal, { verb: 'Exporting', noun: 'documents' })
    let documents = 0
    const pieces = database.backup.export({
      signal,
      pretty: options.pretty,
      ...(options.collections.length === 0 ? {} : { collections: options.collections }),
      onProgress: (reached) => {
        documents = reached.done
        progress.report(reached)
      },
    })
    try {
      if (args.path === '-') for await (const piece of pieces) await terminal.out(piece)
      else await writeWhole(args.path, pieces, signal)
    } finally {
      progress.end()
    }
    if (args.path !== '-') terminal.err(`${documents} documents are in ${args.path}\n`)
  },
})

/** Writes beside the file and then takes its place, so that a backup that fails leaves the last one. */
async function writeWhole(path: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  const partial = `${path}.partial`
  try {
    await pipeline(pieces, createWriteStream(partial), { signal })
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {
      // What could not be written cannot always be removed; the first error says why.
    })
    throwIfAborted(signal, 'the export')
    throw isFailure(error) ? error : fileProblem(path, error)
  }
}
