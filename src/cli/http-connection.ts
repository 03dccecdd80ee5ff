import { openHttpDatabase } from '../http/client.ts'
import type { Connect } from './connection.ts'

/** Connects over the HTTP API of a node. Nothing is sent before the first request. */
export const connectOverHttp: Connect = async ({ url, transaction, signal }) => {
  const remote = openHttpDatabase({ url, signal })
  const inside = transaction === undefined ? remote : remote.resumeTransaction(transaction)
  const { execute, collection, schema, collections, indexes } = inside
  return {
    database: { ...remote, execute, collection, schema, collections, indexes },
    node: {
      beginTransaction: async (options) => ({ id: remote.transactionID(await remote.beginTransaction(options)) ?? '' }),
      commitTransaction: (id) => remote.resumeTransaction(id).commit(),
      discardTransaction: (id) => remote.discardTransaction(id),
      purge: () => remote.purge(),
      nodeIdentity: async () => {
        const identity = await remote.identity()
        return identity === undefined ? undefined : { publicKey: identity.PublicKey, did: identity.DID }
      },
    },
  }
}
