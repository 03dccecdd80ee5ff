import { defineCommand, type Command } from '../../../command.ts'
import { parseDuration } from '../../../duration.ts'
import { splitNames } from '../../../peer-argument.ts'
import { showProgress } from '../../../progress.ts'

export const syncDocuments: Command = defineCommand({
  name: 'sync',
  summary: 'Fetch documents once',
  description:
    'Fetches documents of a collection from connected peers, without subscribing to them. The exit code is 7 when nobody has one of them in time.',
  arguments: {
    collection: { kind: 'one', description: 'the name of the collection' },
    docIDs: { kind: 'many', description: 'IDs of documents, also with commas' },
  },
  options: { timeout: { kind: 'text', value: 'duration', description: 'how long to look for them, such as 500ms or 1m30s (default 5s)' } },
  examples: ['warrendb client p2p document sync --timeout 10s User bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b'],
  run: async ({ options, args, connect, terminal, signal }) => {
    const timeout = options.timeout === undefined ? undefined : parseDuration(options.timeout, '--timeout')
    const { database } = await connect()
    const progress = showProgress(terminal, { verb: 'Fetching', noun: 'documents' })
    try {
      const rest = timeout === undefined ? {} : { timeout }
      await database.p2p.documents.sync(args.collection, splitNames(args.docIDs), { signal, onProgress: progress.report, ...rest })
    } finally {
      progress.end()
    }
  },
})
