import type { Progress, ProgressOptions } from '../../database/database.ts'
import { DatabaseError } from '../../errors.ts'
import type { Asked, Connection } from './connection.ts'

/** Sends what takes long, and tells of its progress. */
export async function sendLong(connection: Connection, path: readonly string[], asked: Asked, options: ProgressOptions): Promise<unknown> {
  const { signal, onProgress } = options
  for await (const { event, data } of connection.events('POST', path, { ...asked, signal })) {
    if (event === 'result') return data
    if (event === 'progress') onProgress?.(data as Progress)
  }
  const operation = `POST ${path.join('/')}`
  if (signal?.aborted === true) throw new DatabaseError('ABORTED', `${operation} was aborted`, { operation }, { cause: signal.reason })
  throw new DatabaseError('UNREACHABLE', `${connection.url} ended ${operation} without a result; whether it was done is unknown`, {
    peer: connection.url,
  })
}
