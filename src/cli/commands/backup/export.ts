import { isFailure, throwIfAborted } from '../../../errors.ts'
import { writeWhole } from '../../../util/write-whole.node.ts'
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
      else await writeBackup(args.path, pieces, signal)
    } finally {
      progress.end()
    }
    if (args.path !== '-') terminal.err(`${documents} documents are in ${args.path}\n`)
  },
})

/** A backup that fails leaves the last one. */
async function writeBackup(path: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  try {
    await writeWhole(path, pieces, { signal })
  } catch (error) {
    throwIfAborted(signal, 'the export')
    throw isFailure(error) ? error : fileProblem(path, error)
  }
}
