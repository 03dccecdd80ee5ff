import type { Database, Transaction, TransactionOptions } from '../database/database.ts'
import { DatabaseError } from '../errors.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { quote } from '../util/quote.ts'
import { MAX_TRANSACTIONS, TRANSACTION_IDLE } from './limits.ts'

/** The transactions that clients have begun and not ended, by the number they call them. Those that nobody uses are discarded. */
export interface OpenTransactions {
  /** @throws LIMIT_EXCEEDED when too many are open, CLOSED */
  begin(database: Database, options: TransactionOptions): Promise<number>
  /** @throws NOT_FOUND */
  get(id: string): Transaction
  /** Takes it out, for whoever ends it. @throws NOT_FOUND */
  take(id: string): Transaction
  /** Discards all of them. */
  close(): Promise<void>
}

interface OpenTransaction {
  readonly transaction: Transaction
  callOff(): void
}

export function createOpenTransactions(clock: Pick<Clock, 'after'> = systemClock): OpenTransactions {
  const open = new Map<string, OpenTransaction>()
  let beginning = 0
  let isClosed = false

  function keep(id: string, transaction: Transaction): void {
    const callOff = clock.after(TRANSACTION_IDLE, () => {
      open.delete(id)
      void transaction.discard()
    })
    open.set(id, { transaction, callOff })
  }

  function take(id: string): Transaction {
    const found = open.get(id)
    if (found === undefined) {
      const message = `there is no open transaction ${quote(id)}: it was committed or discarded, or nobody used it for ${TRANSACTION_IDLE / 60_000} minutes; begin another one`
      throw new DatabaseError('NOT_FOUND', message, { what: 'transaction', id })
    }
    found.callOff()
    open.delete(id)
    return found.transaction
  }

  return {
    begin: async (database, options) => {
      const there = open.size + beginning
      if (there >= MAX_TRANSACTIONS) {
        const message = `${there} transactions are open, which is all there may be; commit or discard some`
        throw new DatabaseError('LIMIT_EXCEEDED', message, { limit: 'transactions', allowed: MAX_TRANSACTIONS, found: there + 1 })
      }
      beginning += 1
      const transaction = await database.beginTransaction(options).finally(() => (beginning -= 1))
      if (isClosed) {
        // Nobody would end it any more.
        await transaction.discard()
        throw new DatabaseError('CLOSED', 'the server stops; begin another transaction when it is back', { what: 'server' })
      }
      const id = newId()
      keep(String(id), transaction)
      return id
    },
    get: (id) => {
      const transaction = take(id)
      keep(id, transaction)
      return transaction
    },
    take,
    close: async () => {
      isClosed = true
      const transactions = [...open.keys()].map(take)
      await Promise.all(transactions.map((transaction) => transaction.discard()))
    },
  }
}

/** A number, as the reference has it; not counted up, so that one of an earlier run does not name another transaction now. */
function newId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high & 0xfffff) * 2 ** 32 + low
}
