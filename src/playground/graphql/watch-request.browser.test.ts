import { expect, onTestFinished, test } from 'vitest'

import { openDatabase, type Database } from '../../index.browser.ts'
import { createWatched, type Watched } from '../watched.ts'
import { MOST_SHOWN, watchRequest, type WatchedAnswer } from './watch-request.ts'

const NOTHING_YET: WatchedAnswer = { kind: 'watched', isOpen: true, results: [], count: 0, lastAt: undefined }

interface Stage {
  readonly db: Database
  readonly answer: Watched<WatchedAnswer>
  readonly over: Promise<void>
  stop(): void
  create(title: string): Promise<void>
}

async function watched(request: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Stage> {
  const db = await openDatabase({ name: crypto.randomUUID(), storage: 'memory', p2p: false, schema: 'type Note { title: String }' })
  const controller = new AbortController()
  onTestFinished(async () => {
    controller.abort()
    await db.close()
  })
  const answer = createWatched(NOTHING_YET)
  const over = watchRequest(db, request, { variables, signal: controller.signal }, answer.set)
  const create = async (title: string): Promise<void> => void (await db.collection<object>('Note').create({ title }))
  return { db, answer, over, stop: () => controller.abort(), create }
}

/** Waits until the answer is as wanted, and gives it. */
function until({ answer }: Stage, isWanted: (answer: WatchedAnswer) => boolean): Promise<WatchedAnswer> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isWanted(answer.peek())) return
      end()
      resolve(answer.peek())
    }
    const end = answer.subscribe(look)
    look()
  })
}

test('a query shows its latest result only', async () => {
  const stage = await watched('query ($title: String) { Note(filter: { title: { _ne: $title } }) { title } }', { title: 'hidden' })
  await until(stage, ({ count }) => count === 1)
  await stage.create('hidden')
  await stage.create('shown')
  const { results, isOpen, lastAt } = await until(stage, ({ count }) => count === 2)
  expect([results, isOpen]).toEqual([[{ data: { Note: [{ title: 'shown' }] } }], true])
  expect(lastAt).toBeTypeOf('number')
})

test('a subscription shows the last results, the newest first, and counts all', async () => {
  const stage = await watched('subscription { Note { title } }')
  const total = MOST_SHOWN + 3
  for (let index = 1; index <= total; index++) await stage.create(`note ${index}`)
  const { results } = await until(stage, ({ count }) => count === total)
  expect(results).toEqual(Array.from({ length: MOST_SHOWN }, (_, index) => ({ data: { Note: [{ title: `note ${total - index}` }] } })))
})

test('nothing is shown once it is stopped', async () => {
  const stage = await watched('{ Note { title } }')
  const before = await until(stage, ({ count }) => count === 1)
  stage.stop()
  await stage.create('too late')
  await stage.over
  expect(stage.answer.peek()).toBe(before)
})

test.each([
  ['mutation { create_Note(input: { title: "x" }) { title } }', 'only a query can be watched'],
  ['{ Note { titel } }', 'titel'],
])('what cannot be watched is over with its error: %s', async (request, message) => {
  const stage = await watched(request)
  await stage.over
  const { isOpen, count, results } = stage.answer.peek()
  expect({ isOpen, count }).toEqual({ isOpen: false, count: 1 })
  expect(results[0]?.errors?.[0]?.message).toContain(message)
})

test('a database that is closed ends it, and cannot be watched', async () => {
  const stage = await watched('{ Note { title } }')
  await until(stage, ({ count }) => count === 1)
  await stage.db.close()
  await stage.over
  expect(stage.answer.peek()).toMatchObject({ isOpen: false, count: 1 })
  const shown: WatchedAnswer[] = []
  await watchRequest(stage.db, '{ Note { title } }', { variables: {}, signal: new AbortController().signal }, (answer) =>
    shown.push(answer),
  )
  expect(shown.at(-1)?.isOpen).toBe(false)
  expect(shown.at(-1)?.results[0]?.errors?.[0]?.message).toContain('closed')
})
