import { people, type Person } from './documents.ts'
import { LIVE_STEPS, runLive, type LiveOptions } from './live-steps.ts'
import type { Measure } from './measure.ts'
import { createExpected, ordersOf, type Expected, type NewOrder } from './people-orders.ts'
import { checkCount } from './query-checks.ts'
import type { OpenQueryContestant } from './query-contestant.ts'
import { QUERY_STEPS, type QueryStep } from './query-steps.ts'

/** The samples of one round, or why there are none. */
export type QueryResult =
  | { readonly measure: Measure; readonly samples: readonly number[] }
  | { readonly measure: Measure; readonly failure: string }

/** Past its patience, a query is not asked again in this round, as no more documents change under a live one. */
export interface RoundOptions extends LiveOptions {
  /** The number of the round, from 0: chooses the arguments. */
  readonly round: number
  /** How often each query is asked. */
  readonly turns: number
}

/** Tells how long the page was blocked. */
export interface LongTasks {
  /** Milliseconds of the longest task that ran at some time between these two; 0 when none was over the 50 ms that browsers report. */
  longestBetween(from: number, to: number): Promise<number>
}

/** Nobody gets more at once: a hundred thousand documents in one call are no way to write. */
const BATCH = 5_000
/** With fewer documents no query blocks the page for long. */
const LONG = 10_000

/** Fills a new database. @returns what it holds now */
export async function fillDatabase(database: OpenQueryContestant, n: number): Promise<Expected> {
  const byId = new Map<string, Person>()
  const orders: NewOrder[] = []
  for (let first = 0; first < n; first += BATCH) {
    const batch = people(first, Math.min(BATCH, n - first))
    const ids = await database.createPeople(batch)
    const created: NewOrder[] = []
    for (const [index, person] of batch.entries()) {
      const customer = ids[index] ?? ''
      byId.set(customer, person)
      created.push(...ordersOf(first + index).map((order) => ({ ...order, customer })))
    }
    await database.createOrders(created)
    orders.push(...created)
  }
  const expected = createExpected(byId, orders)
  checkCount(await database.count(), expected, () => true)
  return expected
}

/** Asks every query some times, then changes documents under each live query. What is wrong is a failure of that query alone. */
export async function runQueryRound(
  database: OpenQueryContestant,
  expected: Expected,
  options: RoundOptions,
  tasks: LongTasks,
): Promise<readonly QueryResult[]> {
  const results: QueryResult[] = []
  const longest: QueryResult[] = []
  for (const step of QUERY_STEPS) {
    try {
      const { samples, longestTask } = await runStep(database, expected, step, options, tasks)
      results.push({ measure: step.measure, samples })
      if (expected.people.size >= LONG) longest.push({ measure: longestTaskOf(step.measure), samples: [longestTask] })
    } catch (error) {
      results.push({ measure: step.measure, failure: reasonOf(error) })
    }
  }
  for (const live of LIVE_STEPS) {
    try {
      const { stored, called } = await runLive(database, expected, live, options)
      results.push(
        { measure: live.stored, samples: stored },
        { measure: live.storedMost, samples: stored },
        { measure: live.called, samples: called },
      )
    } catch (error) {
      results.push({ measure: live.stored, failure: reasonOf(error) })
    }
  }
  return [...results, ...longest]
}

async function runStep(
  database: OpenQueryContestant,
  expected: Expected,
  { calls, ask }: QueryStep,
  { round, turns, patience }: RoundOptions,
  tasks: LongTasks,
): Promise<{ readonly samples: readonly number[]; readonly longestTask: number }> {
  const samples: number[] = []
  let longestTask = 0
  let spent = 0
  for (let turn = 0; turn < turns && (turn === 0 || spent < patience); turn++) {
    // The query has tasks of its own: neither the check before nor the one after it may count as a long task of the query.
    await nextTask()
    const start = performance.now()
    const check = await ask(database, expected, round * turns + turn)
    const end = performance.now()
    await nextTask()
    samples.push((end - start) / calls)
    spent += end - start
    longestTask = Math.max(longestTask, await tasks.longestBetween(start, end))
    check()
  }
  return { samples, longestTask }
}

/** The measure of the longest task while a query was being answered. */
function longestTaskOf({ name }: Measure): Measure {
  return { name: `longest task: ${name}`, unit: 'ms', target: { figure: 50 } }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve)
  })
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
