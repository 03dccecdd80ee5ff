import { createReadStream } from 'node:fs'

import { isFailure, throwIfAborted } from '../../../errors.ts'
import { defineCommand, type Command } from '../../command.ts'
import { showProgress } from '../../progress.ts'
import { fileProblem } from '../../read-input.ts'

export const importBackup: Command = defineCommand({
  name: 'import',
  summary: 'Create the documents of a backup',
  description: `Creates the documents that "client backup export" wrote, all or none. Their collections have to be there. The file is on this machine.`,
  arguments: { path: { kind: 'one', description: 'the file to read, or - for standard input' } },
  examples: ['warrendb client backup import backup.json'],
  run: async ({ args, connect, terminal, signal }) => {
    const { database } = await connect()
    const progress = showProgress(terminal, { verb: 'Importing', noun: 'documents' })
    try {
      const source = args.path === '-' ? terminal.input() : createReadStream(args.path)
      const { documents } = await database.backup.import(source, { signal, onProgress: progress.report })
      progress.end()
      terminal.err(`${documents} documents were imported\n`)
    } catch (error) {
      progress.end()
      throwIfAborted(signal, 'the import')
      throw isFileError(error) && !isFailure(error) ? fileProblem(args.path, error) : error
    }
  },
})

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error
}
