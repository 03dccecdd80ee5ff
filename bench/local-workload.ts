import type { Contestant, OpenContestant } from './contestant.ts'
import { AGES, isSamePerson, MOST_POINTS, people, type Person } from './documents.ts'
import type { Measure } from './measure.ts'

export type LocalMeasure =
  | 'batchCreate'
  | 'longestTask'
  | 'singleCreate'
  | 'concurrentCreate'
  | 'singleUpdate'
  | 'get'
  | 'filterScan'
  | 'indexedLookup'
  | 'orderLimit'
  | 'count'
  | 'longestQueryTask'
  | 'coldGet'
  | 'reopenScan'

/** What the local workload measures, in the order in which it does. */
export const LOCAL: Readonly<Record<LocalMeasure, Measure>> = {
  batchCreate: { name: 'batch create, per document', unit: 'µs', target: { ratio: 0.6 } },
  longestTask: { name: 'longest task in batch create', unit: 'ms', target: { figure: 50 } },
  singleCreate: { name: 'single create', unit: 'ms', target: { ratio: 1.2 } },
  concurrentCreate: { name: '500 creates, not awaited one by one', unit: 'ms', target: { ratio: 0.2 } },
  singleUpdate: { name: 'single update', unit: 'ms', target: { ratio: 0.8 } },
  get: { name: 'get by ID, cached', unit: 'ms', target: { ratio: 0.02 } },
  filterScan: { name: 'filter scan', unit: 'ms', target: { ratio: 0.05 } },
  indexedLookup: { name: 'lookup by indexed field', unit: 'ms', target: { ratio: 0.1 } },
  orderLimit: { name: 'order by indexed field, limit 10', unit: 'ms', target: { ratio: 0.1 } },
  count: { name: 'count', unit: 'ms', target: { ratio: 0.02 } },
  longestQueryTask: { name: 'longest task in filter scan, order and count', unit: 'ms', target: { figure: 50 } },
  coldGet: { name: 'get by ID after reopening', unit: 'ms', target: { ratio: 1 } },
  reopenScan: { name: 'reopen + first scan', unit: 'ms', target: { ratio: 1 } },
}

/** The samples of one run, or why there are none. */
export type LocalResult =
  | { readonly measure: LocalMeasure; readonly samples: readonly number[] }
  | { readonly measure: LocalMeasure; readonly failure: string }

export interface WorkloadOptions {
  /** Documents created in the batch; all other measures run on top of them. */
  readonly n: number
  /** Single creates, updates, and reads of each kind. */
  readonly singles: number
  /** How often each query runs. */
  readonly queries: number
  /** Whether the documents are there again after reopening; measured only then. */
  readonly isKept: boolean
}

/** Watches the main thread. Absent where there is no such thing. */
export interface TaskWatch {
  start(): void
  /** Milliseconds of the longest task since `start`; 0 when none was over the 50 ms that browsers report. */
  longest(): Promise<number>
}

const CONCURRENT = 500
/** Gets of cached documents are too short for one clock reading each. */
const GETS_PER_SAMPLE = 50
/** The share of documents that the filter scan finds. */
const SCAN_SHARE = 0.01

/**
 * Runs every measure once on a new database. What a measure has done is checked outside of its time, against documents that were never in the
 * database; when that fails, so does the measure.
 */
export async function runLocalWorkload(
  contestant: Contestant,
  name: string,
  options: WorkloadOptions,
  tasks?: TaskWatch,
): Promise<readonly LocalResult[]> {
  const results: LocalResult[] = []
  /** What the database must hold, by ID. */
  const expected = new Map<string, Person>()
  let database = await contestant.open(name)
  let next = 0

  /** Runs a measure unless the contestant has no way to do it. The body returns its samples. */
  async function measure(key: LocalMeasure, body: () => Promise<readonly number[]>): Promise<void> {
    try {
      results.push({ measure: key, samples: await body() })
    } catch (error) {
      results.push({ measure: key, failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
    }
  }

  async function query(key: LocalMeasure, run: (() => Promise<readonly Person[]>) | undefined, matching: readonly Person[]): Promise<void> {
    if (run === undefined) return
    await measure(key, () => repeat(options.queries, run, (found) => checkRows(found, matching)))
  }

  function take(count: number): readonly Person[] {
    next += count
    return people(next - count, count)
  }

  function expectAll(ids: readonly string[], documents: readonly Person[]): void {
    for (const [index, document] of documents.entries()) expected.set(ids[index] ?? '', document)
  }

  async function reopen(): Promise<void> {
    await database.close()
    database = await contestant.open(name)
  }

  const batch = take(options.n)
  await measure('batchCreate', async () => {
    tasks?.start()
    const start = performance.now()
    const ids = await database.createMany(batch)
    const took = performance.now() - start
    const longest = await tasks?.longest()
    expectAll(ids, batch)
    if (longest !== undefined) results.push({ measure: 'longestTask', samples: [longest] })
    await checkContents(database, expected)
    return [(took * 1000) / options.n]
  })

  // Nothing else can be measured on a database that is not as it should be.
  if (results.some((result) => 'failure' in result)) {
    await database.close()
    return results
  }

  await measure('singleCreate', async () => {
    const documents = take(options.singles)
    const ids: string[] = []
    const samples = await each(documents, async (document) => ids.push(await database.create(document)))
    expectAll(ids, documents)
    await checkContents(database, expected)
    return samples
  })

  await measure('concurrentCreate', async () => {
    const documents = take(CONCURRENT)
    const start = performance.now()
    const ids = await Promise.all(documents.map((document) => database.create(document)))
    const took = performance.now() - start
    expectAll(ids, documents)
    await checkContents(database, expected)
    return [took]
  })

  await measure('singleUpdate', async () => {
    const ids = spread([...expected.keys()], options.singles)
    const changed = new Map(ids.map((id) => [id, withOtherAge(expected.get(id))]))
    const samples = await each([...changed], ([id, { age }]) => database.setAge(id, age))
    for (const [id, document] of changed) expected.set(id, document)
    await checkContents(database, changed, expected.size)
    return samples
  })

  await measure('get', async () => {
    const ids = spread([...expected.keys()], GETS_PER_SAMPLE)
    // Once before, so that what is measured is what the contestant keeps at hand.
    for (const id of ids) await database.get(id)
    return repeat(
      options.queries,
      async () => {
        for (const id of ids) await database.get(id)
      },
      () => {
        /* Checked below, once. */
      },
    ).then(async (samples) => {
      for (const id of ids) check(isSamePerson(known(expected, id), await database.get(id)), `document ${id} is not what was written`)
      return samples.map((sample) => sample / ids.length)
    })
  })

  const all = [...expected.values()]
  const points = MOST_POINTS * (1 - SCAN_SHARE)
  const rich = all.filter((document) => document.points >= points)
  const age = Math.round((AGES.from + AGES.to) / 2)
  await query(
    'filterScan',
    bind(database.richerThan, (richerThan) => richerThan(points)),
    rich,
  )
  await query(
    'indexedLookup',
    bind(database.ofAge, (ofAge) => ofAge(age)),
    all.filter((document) => document.age === age),
  )

  if (database.oldest !== undefined) {
    const { oldest } = database
    const ages = all.map((document) => document.age).toSorted((a, b) => b - a)
    const isExpected = (found: readonly Person[]): void =>
      check(found.map((document) => document.age).join() === ages.slice(0, 10).join(), 'these are not the ten oldest in their order')
    await measure('orderLimit', () => repeat(options.queries, () => oldest(10), isExpected))
  }

  await measure('count', () =>
    repeat(
      options.queries,
      () => database.count(),
      (count) => check(count === expected.size, `${count} documents counted where ${expected.size} are`),
    ),
  )

  if (tasks !== undefined) {
    await measure('longestQueryTask', async () => {
      tasks.start()
      await database.richerThan?.(points)
      await database.oldest?.(10)
      check((await database.count()) === expected.size, 'a count beside the others is wrong')
      return [await tasks.longest()]
    })
  }

  if (!options.isKept) {
    await database.close()
    return results
  }

  await measure('coldGet', async () => {
    await reopen()
    const ids = spread([...expected.keys()], options.singles)
    const found: (Person | undefined)[] = []
    const samples = await each(ids, async (id) => found.push(await database.get(id)))
    for (const [index, id] of ids.entries())
      check(isSamePerson(known(expected, id), found[index]), `document ${id} is not what was written`)
    return samples
  })

  if (database.richerThan !== undefined) {
    await measure('reopenScan', async () => {
      await database.close()
      const start = performance.now()
      database = await contestant.open(name)
      const found = await database.richerThan?.(points)
      const took = performance.now() - start
      checkRows(found ?? [], rich)
      return [took]
    })
  }

  await database.close()
  return results
}

/** How long each call took, in milliseconds. */
async function each<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<readonly number[]> {
  const samples: number[] = []
  for (const item of items) {
    const start = performance.now()
    await call(item)
    samples.push(performance.now() - start)
  }
  return samples
}

async function repeat<T>(times: number, call: () => Promise<T>, isRight: (result: T) => void): Promise<readonly number[]> {
  const samples: number[] = []
  for (let round = 0; round < times; round++) {
    const start = performance.now()
    const result = await call()
    samples.push(performance.now() - start)
    isRight(result)
  }
  return samples
}

/** Some of the documents are as expected, and there are as many as expected. */
async function checkContents(database: OpenContestant, expected: ReadonlyMap<string, Person>, size: number = expected.size): Promise<void> {
  const count = await database.count()
  check(count === size, `${count} documents are there where ${size} were written`)
  for (const id of spread([...expected.keys()], 20)) {
    check(isSamePerson(known(expected, id), await database.get(id)), `document ${id} is not what was written`)
  }
}

function checkRows(found: readonly Person[], expected: readonly Person[]): void {
  check(found.length === expected.length, `${found.length} documents found where ${expected.length} match`)
  const byEmail = new Map(found.map((document) => [document.email, document]))
  for (const document of expected) check(isSamePerson(document, byEmail.get(document.email)), `${document.email} is missing or wrong`)
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

function known(expected: ReadonlyMap<string, Person>, id: string): Person {
  const document = expected.get(id)
  if (document === undefined) throw new Error(`no document has the ID "${id}"`)
  return document
}

function withOtherAge(document: Person | undefined): Person {
  if (document === undefined) throw new Error('there is no such document')
  return { ...document, age: document.age === AGES.to ? AGES.from : document.age + 1 }
}

/** `count` items from the whole list, evenly. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, items.length / count)
  return Array.from({ length: Math.min(count, items.length) }, (_, index) => items[Math.floor(index * step)]).filter(
    (item): item is T => item !== undefined,
  )
}

function bind<F, T>(method: F | undefined, call: (method: F) => Promise<T>): (() => Promise<T>) | undefined {
  return method === undefined ? undefined : () => call(method)
}
