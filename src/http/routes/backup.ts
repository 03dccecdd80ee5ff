import { z } from 'zod'

import type { ProgressOptions } from '../../database/database.ts'
import { DatabaseError } from '../../errors.ts'
import { longOperation } from '../long-operation.ts'
import { eventStream, takesEvents, type StreamEvent } from '../event-stream.ts'
import { flag, route, textRoute, type Call, type Files, type Route } from '../route.ts'

const imported = z.object({ documents: z.int() })

export const backupRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/backup/export',
    tag: 'backup',
    summary: 'Writes the documents of the named collections, or of all, as JSON to a file of the server',
    body: z.object({
      filepath: z.string().min(1),
      format: z.string().optional().describe('`json`, the only one'),
      pretty: z.boolean().optional(),
      collections: z.array(z.string()).nullish(),
    }),
    handle: async (call, { filepath, format = 'json', pretty = false, collections }) => {
      const files = filesOf(call)
      if (format.toLowerCase() !== 'json' && format !== '') {
        throw new DatabaseError('INVALID_ARGUMENT', `the format is "${format}"; only "json" is supported at the moment`, {
          argument: 'format',
          value: format,
        })
      }
      return longOperation(call, async (options) => {
        const only = (collections ?? []).length === 0 ? {} : { collections: collections ?? [] }
        await files.write(filepath, call.database.backup.export({ ...options, ...only, pretty }))
      })
    },
  }),
  route({
    method: 'POST',
    path: '/backup/import',
    tag: 'backup',
    summary: 'Creates the documents of a file of the server, all or none',
    body: z.object({ filepath: z.string().min(1) }),
    answer: imported,
    handle: async (call, { filepath }) => {
      const files = filesOf(call)
      return longOperation(call, (options) => call.database.backup.import(files.read(filepath), options))
    },
  }),
  route({
    method: 'GET',
    path: '/backup',
    tag: 'backup',
    summary: 'The documents of the named collections, or of all, as JSON text',
    parameters: [
      { name: 'collections', what: 'names, separated by commas' },
      { name: 'pretty', what: 'laid out over lines', type: 'boolean' },
    ],
    answer: { kind: 'text', what: 'JSON; for a client that accepts an event stream, in `piece` events between `progress` events' },
    handle: async (call) => {
      const names = call
        .query('collections')
        ?.split(',')
        .filter((name) => name !== '')
      const pretty = flag(call, 'pretty')
      const pieces = (options: ProgressOptions): AsyncIterable<string> =>
        call.database.backup.export({ ...options, pretty, ...(names === undefined ? {} : { collections: names }) })
      if (takesEvents(call.request)) {
        return eventStream(withProgress(pieces, call.signal), call.signal)
      }
      return new Response(await textStream(pieces({ signal: call.signal })), { headers: { 'content-type': 'application/json' } })
    },
  }),
  textRoute({
    method: 'POST',
    path: '/backup',
    tag: 'backup',
    summary: 'Creates the documents of an exported text, all or none',
    body: { kind: 'stream', what: 'what GET /backup gave' },
    answer: imported,
    handle: (call) => longOperation(call, (options) => call.database.backup.import(bytesOf(call.request.body), options)),
  }),
]

function filesOf({ node }: Call): Files {
  if (node.files !== undefined) return node.files
  throw new DatabaseError('UNSUPPORTED', 'this server has no files; use GET and POST /backup', { feature: 'files' })
}

async function* withProgress(
  pieces: (options: ProgressOptions) => AsyncIterable<string>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void> {
  let latest: StreamEvent | undefined
  const onProgress: NonNullable<ProgressOptions['onProgress']> = (progress) => {
    latest = { event: 'progress', data: progress }
  }
  for await (const piece of pieces({ signal, onProgress })) {
    yield { event: 'piece', data: piece }
    if (latest !== undefined) yield latest
    latest = undefined
  }
  if (latest !== undefined) yield latest
}

/** The pieces as a body. The first one is there when it begins: what is wrong with the request shows in the status. */
async function textStream(pieces: AsyncIterable<string>): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder()
  const iterator = pieces[Symbol.asyncIterator]()
  let next: IteratorResult<string, unknown> | undefined = await iterator.next()
  return new ReadableStream({
    pull: async (controller) => {
      const result = next ?? (await iterator.next())
      next = undefined
      if (result.done === true) controller.close()
      else controller.enqueue(encoder.encode(result.value))
    },
    cancel: async () => {
      await iterator.return?.()
    },
  })
}

async function* bytesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void> {
  if (body !== null) for await (const piece of body) yield piece
}
