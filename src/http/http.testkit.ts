import { openLocalDatabase } from '../database/local-database.ts'
import type { Database } from '../database/database.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { openHttpDatabase, type HttpDatabase } from './client.ts'
import { createHttpHandler, type HandlerOptions, type HttpHandler } from './handler.ts'
import type { HttpNode } from './route.ts'

/** A node in memory with its API, and a client of it, with nothing but function calls between them. */
export interface ServedNode extends AsyncDisposable {
  readonly local: Database
  readonly remote: HttpDatabase
  readonly handler: HttpHandler
  /** Asks the handler, as a program would. */
  ask(path: string, init?: RequestInit): Promise<Response>
}

export async function serveInProcess(
  schema: string | undefined,
  node: Partial<HttpNode> = {},
  options: HandlerOptions = {},
): Promise<ServedNode> {
  const local = await openLocalDatabase({
    name: 'served',
    store: await openMemoryStore(),
    storageKind: 'memory',
    ...(schema === undefined ? {} : { schema }),
  })
  const handler = createHttpHandler({ database: () => local, ...node }, options)
  const ask = (path: string, init?: RequestInit): Promise<Response> => handler.handle(new Request(`http://127.0.0.1:9181${path}`, init))
  const remote = openHttpDatabase({ fetch: (address, init) => handler.handle(new Request(address, init)) })
  return {
    local,
    remote,
    handler,
    ask,
    [Symbol.asyncDispose]: async () => {
      await remote.close()
      await handler.close()
      await local.close()
    },
  }
}
