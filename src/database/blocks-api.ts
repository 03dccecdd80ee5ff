import type { BlocksApi } from './database.ts'

export function blocksApi(): BlocksApi {
  return {
    verifySignature: () => {
      throw new Error()
    },
  }
}
