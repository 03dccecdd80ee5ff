import { z } from 'zod'

import { flag, route, type Call, type Route } from '../route.ts'

const READ_ONLY = { name: 'read_only', what: 'nothing can be written', type: 'boolean' } as const
const begun = z.object({ id: z.int() })

async function begin(call: Call): Promise<z.infer<typeof begun>> {
  return { id: await call.transactions.begin(call.database, { readOnly: flag(call, 'read_only') }) }
}

export const transactionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/tx',
    tag: 'transaction',
    summary: 'Begins a transaction; requests name it in the header x-defradb-tx',
    parameters: [READ_ONLY],
    answer: begun,
    handle: begin,
  }),
  route({
    method: 'POST',
    path: '/tx/concurrent',
    tag: 'transaction',
    summary: 'The same: every transaction takes requests at the same time',
    parameters: [READ_ONLY],
    answer: begun,
    handle: begin,
  }),
  route({
    method: 'POST',
    path: '/tx/{id}',
    tag: 'transaction',
    summary: 'Commits a transaction: stores all of it or nothing',
    handle: ({ transactions, path }) => transactions.take(path('id')).commit(),
  }),
  route({
    method: 'DELETE',
    path: '/tx/{id}',
    tag: 'transaction',
    summary: 'Discards a transaction',
    handle: ({ transactions, path }) => transactions.take(path('id')).discard(),
  }),
]
