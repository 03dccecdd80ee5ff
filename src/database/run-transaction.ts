import { isFailure } from '../errors.ts'
import type { Transaction } from './database.ts'

/** How often a transaction that lost against another writer is run again: as often as the reference does. */
const CONFLICT_RETRIES = 5

/** Runs `body` in a transaction of its own and commits it; when it lost against another writer, again in a new one. */
export async function runTransaction<T>(
  begin: () => Promise<Transaction>,
  body: (transaction: Transaction) => Promise<T>,
  retries: number = CONFLICT_RETRIES,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const transaction = await begin()
    try {
      const result = await body(transaction)
      await transaction.commit()
      return result
    } catch (error) {
      await transaction.discard()
      if (!isFailure(error, 'CONFLICT') || attempt >= retries) throw error
    }
  }
}
