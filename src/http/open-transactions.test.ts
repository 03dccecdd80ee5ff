import { describe, expect, it, vi } from 'vitest'

import { openTestNode } from '../database/database.testkit.ts'
import type { Database, Transaction } from '../database/database.ts'
import { aClock } from '../util/clock.testkit.ts'
import { serveInProcess } from './http.testkit.ts'
import { TRANSACTION_IDLE } from './limits.ts'
import { createOpenTransactions } from './open-transactions.ts'

/** A database, and the transactions of it that are neither committed nor discarded. */
function counted(db: Database): { readonly database: Database; readonly open: Set<Transaction> } {
  const open = new Set<Transaction>()
  const beginTransaction: Database['beginTransaction'] = async (options) => {
    const begun = await db.beginTransaction(options)
    const transaction: Transaction = {
      ...begun,
      discard: async () => {
        await begun.discard()
        open.delete(transaction)
      },
    }
    open.add(transaction)
    return transaction
  }
  return { database: { ...db, beginTransaction }, open }
}

describe('open transactions', () => {
  it('are discarded when nobody has used them for a while', async () => {
    const { db } = await openTestNode('type Note { n: Int }')
    const { database, open } = counted(db)
    const clock = aClock()
    const transactions = createOpenTransactions(clock.clock)
    const [used, forgotten] = [String(await transactions.begin(database, {})), String(await transactions.begin(database, {}))]
    clock.pass(TRANSACTION_IDLE - 1)
    transactions.get(used)
    clock.pass(1)
    await vi.waitFor(() => expect(open.size).toBe(1))
    expect(() => transactions.get(forgotten)).toThrow('nobody used it for 10 minutes')
    clock.pass(TRANSACTION_IDLE - 1)
    await vi.waitFor(() => expect(open.size).toBe(0))
    expect(() => transactions.get(used)).toThrow('begin another one')
    expect(clock.waiting()).toBe(0)
    await db.close()
  })

  it('leave no timer behind when they are ended or closed', async () => {
    const { db } = await openTestNode('type Note { n: Int }')
    const { database, open } = counted(db)
    const clock = aClock()
    const transactions = createOpenTransactions(clock.clock)
    for (let begun = 0; begun < 50; begun++) await transactions.begin(database, {})
    await transactions.take(String(await transactions.begin(database, {}))).discard()
    expect([open.size, clock.waiting()]).toEqual([50, 50])
    await transactions.close()
    expect([open.size, clock.waiting()]).toEqual([0, 0])
    await db.close()
  })

  it('are discarded when the server stops, also those that are being begun', async () => {
    await using plain = await serveInProcess('type Note { n: Int }')
    const { database, open } = counted(plain.local)
    const node = await serveInProcess(undefined, { database: () => database })
    const begin = (): Promise<Response> => node.ask('/api/v0/tx', { method: 'POST' })
    await begin()
    const late = begin()
    await node.handler.close()
    expect((await late).status).toBe(503)
    expect(open.size).toBe(0)
    expect((await begin()).status).toBe(503)
    expect(open.size).toBe(0)
    await node.local.close()
  })
})
