import { CITIES, MOST_POINTS, type Person } from './documents.ts'
import type { Measure } from './measure.ts'
import type { Expected } from './people-orders.ts'
import { checkOldest, checkPeople } from './query-checks.ts'
import type { Observer, OpenQueryContestant, Stop } from './query-contestant.ts'

/** A live query that is open while documents of its result change. */
export interface LiveStep {
  readonly stored: Measure
  readonly storedMost: Measure
  readonly called: Measure
  watch(database: OpenQueryContestant, observer: Observer): Promise<Stop>
  /** Whether a change of this person changes the result. */
  concerns(person: Person): boolean
  /** @throws unless the rows are what the query has to give now */
  check(rows: readonly Person[], expected: Expected): void
}

/** How long each change took, in milliseconds. */
export interface LiveSamples {
  /** From the resolved promise of the write to the result; 0 when the result came first. */
  readonly stored: readonly number[]
  /** From the call of the write to the result. */
  readonly called: readonly number[]
}

const CITY = CITIES[0] ?? ''
const LIMIT = 20
/** 1 % of the documents. */
const LEAST_POINTS = MOST_POINTS * 0.99
/** A result that has not come by then will not come. */
const PATIENCE = 20_000

export const LIVE_STEPS: readonly LiveStep[] = [
  {
    ...measuresOf('filter, order, limit 20'),
    watch: (database, observer) => database.watchOldestIn(CITY, LIMIT, observer),
    concerns: ({ city }) => city === CITY,
    check: (rows, expected) => checkOldest(rows, expected, LIMIT, ({ city }) => city === CITY),
  },
  {
    ...measuresOf('filter, 1 % match'),
    watch: (database, observer) => database.watchRicherThan(LEAST_POINTS, observer),
    concerns: ({ points }) => points >= LEAST_POINTS,
    check: (rows, expected) => checkPeople(rows, expected, ({ points }) => points >= LEAST_POINTS),
  },
]

export interface LiveOptions {
  /** How many documents change. */
  readonly writes: number
  /** Milliseconds after which no more of them do. */
  readonly patience: number
}

/** Changes documents one by one and waits each time for the result that has the change. */
export async function runLive(
  database: OpenQueryContestant,
  expected: Expected,
  live: LiveStep,
  { writes, patience }: LiveOptions,
): Promise<LiveSamples> {
  const results = observeResults()
  const concerned = [...expected.people].filter(([, person]) => live.concerns(person)).map(([id]) => id)
  const samples: { readonly stored: number[]; readonly called: number[] } = { stored: [], called: [] }
  const stop = await live.watch(database, results.observer)
  try {
    live.check((await results.until(() => true)).rows, expected)
    let spent = 0
    for (let write = 0; write < writes && (write === 0 || spent < patience); write++) {
      const id = concerned[(write * 7) % concerned.length] ?? ''
      const age = expected.nextAge()
      const email = expected.people.get(id)?.email
      const changed = results.until((rows) => rows.some((row) => row.email === email && row.age === age))
      const called = performance.now()
      const written = database.setAge(id, age).then(() => {
        const stored = performance.now()
        expected.setAge(id, age)
        return stored
      })
      const [stored, { time, rows }] = await Promise.all([written, changed])
      samples.stored.push(Math.max(0, time - stored))
      samples.called.push(time - called)
      spent += time - called
      live.check(rows, expected)
    }
  } finally {
    await stop()
  }
  return samples
}

interface Result {
  readonly rows: readonly Person[]
  readonly time: number
}

interface Results {
  readonly observer: Observer
  /** The first result for which this holds, the latest that has come already included. */
  until(isIt: (rows: readonly Person[]) => boolean): Promise<Result>
}

function observeResults(): Results {
  let latest: Result | undefined
  let waiting: { readonly take: (result: Result) => void; readonly fail: (reason: Error) => void } | undefined
  let failure: Error | undefined

  return {
    observer: {
      next: (rows) => {
        latest = { rows, time: performance.now() }
        waiting?.take(latest)
      },
      error: (reason) => {
        failure = reason instanceof Error ? reason : new Error(String(reason))
        waiting?.fail(failure)
      },
    },
    until: async (isIt) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      const late = setTimeout(
        () => reject(new Error(`the live query gave no result with the change within ${PATIENCE / 1000} s`)),
        PATIENCE,
      )
      waiting = {
        take: (result) => {
          if (isIt(result.rows)) resolve(result)
        },
        fail: reject,
      }
      if (failure !== undefined) reject(failure)
      if (latest !== undefined) waiting.take(latest)
      try {
        return await promise
      } finally {
        clearTimeout(late)
        waiting = undefined
      }
    },
  }
}

function measuresOf(what: string): Pick<LiveStep, 'stored' | 'storedMost' | 'called'> {
  return {
    stored: { name: `live, ${what}: stored → result, p50`, unit: 'ms', target: { figure: 1 } },
    storedMost: { name: `live, ${what}: stored → result, p95`, unit: 'ms', quantile: 0.95 },
    called: { name: `live, ${what}: called → result, p50`, unit: 'ms' },
  }
}
