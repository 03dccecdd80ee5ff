import type { BackupApi, Progress } from '../../database/database.ts'
import type { Connection } from './connection.ts'
import { sendLong } from './send-long.ts'

export function httpBackup(connection: Connection): BackupApi {
  return {
    export: async function* ({ collections, pretty = false, onProgress, signal } = {}) {
      const query = { collections: (collections ?? []).length === 0 ? undefined : collections?.join(','), pretty: String(pretty) }
      for await (const { event, data } of connection.events('GET', ['backup'], { query, signal })) {
        if (event === 'piece' && typeof data === 'string') yield data
        else if (event === 'progress') onProgress?.(data as Progress)
      }
    },
    import: async (source, options = {}) => {
      const result = await sendLong(connection, ['backup'], { stream: streamOf(source) }, options)
      return result as { readonly documents: number }
    },
  }
}

function streamOf(source: string | AsyncIterable<string | Uint8Array>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  if (typeof source === 'string') return new Blob([source]).stream()
  const iterator = source[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      const { value, done } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value)
    },
    cancel: async () => {
      await iterator.return?.()
    },
  })
}
