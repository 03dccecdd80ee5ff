import { openHttpDatabase } from '../src/http/client.ts'
import { nodeFiles } from '../src/http/files.node.ts'
import { serveHttp } from '../src/http/server.node.ts'
import { adapt, openNode, type Adapter, type NodeOptions } from './conformance-adapter.ts'

/** Lets the behaviour cases drive WarrenDB over its HTTP API: a server and a client, with a socket between them. */
export const clientType = 'http'

export async function createNode(options: NodeOptions): Promise<Adapter> {
  const database = await openNode(options)
  const server = await serveHttp({ database: () => database, files: nodeFiles }, { host: '127.0.0.1', port: 0 })
  const remote = openHttpDatabase({ url: server.url })
  return {
    ...adapt(remote),
    close: async () => {
      await remote.close()
      await server.close()
      await database.close()
    },
  }
}
