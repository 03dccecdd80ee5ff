import type { BlocksApi } from './database.ts'
import type { Session } from './session.ts'

/** What knows signatures is loaded when somebody asks: a database of which nothing is signed carries none of its weight. */
export function blocksApi(session: Session): BlocksApi {
  return {
    verifySignature: async (cid, publicKey, options = {}) => {
      const { verifySignature } = await import('./verify-signature.ts')
      await verifySignature(session, cid, publicKey, options)
    },
  }
}
