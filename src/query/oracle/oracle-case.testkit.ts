import { messageOf } from '../../errors.ts'
import { randomOf, testSeed } from '../../util/seed.testkit.ts'
import type { RequestResult } from '../result.ts'
import { choicesOf } from './choices.testkit.ts'
import { evaluate } from './evaluate.testkit.ts'
import { isExpected, type ExpectedObject } from './expected.testkit.ts'
import type { PlainFilter } from './filters.testkit.ts'
import { reportDifference, reportFailedWrite } from './report.testkit.ts'
import { changed, changedIds, randomChange, type Change, type PlainValues } from './random-change.testkit.ts'
import { randomRequest } from './random-request.testkit.ts'
import { randomShape } from './random-shape.testkit.ts'
import { requestToText, type RequestText } from './request-text.testkit.ts'
import type { PlainRequest } from './request.testkit.ts'
import type { Shape } from './shape.testkit.ts'
import { smallestCase } from './smallest-case.testkit.ts'
import type { World } from './world.testkit.ts'

/** The decisions that a schema, the writes to it and the requests on it are made from. Each is a list of its own, so that leaving one out changes no other. */
export interface OracleCase {
  readonly shape: readonly number[]
  readonly changes: readonly (readonly number[])[]
  readonly requests: readonly (readonly number[])[]
}

/** Requests of one schema, at most: a schema costs as much as some ten of them. */
const REQUESTS = 24

/** The case that follows from a seed. Lists of decisions are long and short alike, so that there are simple requests and tangled ones. */
export function caseOf(seed: number): OracleCase {
  const random = randomOf(seed)
  const list = <T>(least: number, most: number, make: () => T): readonly T[] =>
    Array.from({ length: least + random.below(most - least + 1) }, make)
  const decisions = (least: number, most: number): readonly number[] => list(least, most, () => random.below(DECISIONS))
  return {
    shape: decisions(30, 80),
    changes: list(10, 60, () => decisions(0, 40)),
    requests: list(REQUESTS - 4, REQUESTS, () => decisions(0, 220)),
  }
}

/** Many times more than there ever is to choose from. */
const DECISIONS = 10_000

/** The engine on some documents, for all those who play a case the same. */
export interface Answering {
  readonly name: string
  /** @returns the ID of the document, or `undefined` when it is there already */
  create(type: string, values: PlainValues): Promise<string | undefined>
  update(type: string, docId: string, values: PlainValues): Promise<void>
  delete(type: string, docId: string): Promise<void>
  /** @returns the IDs of the documents that passed the filter */
  updateMany(type: string, filter: PlainFilter, values: PlainValues): Promise<readonly string[]>
  /** @returns the IDs of the documents that passed the filter */
  deleteMany(type: string, filter: PlainFilter): Promise<readonly string[]>
  execute(request: RequestText): Promise<RequestResult>
  close(): Promise<void>
}

/**
 * Plays so many cases, each with a seed of its own.
 *
 * @returns how many requests were compared
 * @throws an error that shows the smallest form of a case that failed, and the seed to play it again
 */
export async function playCases(runs: number, open: Open): Promise<number> {
  const seed = testSeed()
  let requests = 0
  for (let run = 0; run < runs; run++) {
    const given = caseOf(seed + run)
    requests += given.requests.length
    const failure = await failureOf(given, open)
    if (failure !== undefined) throw await smallestFailure(given, open, `play this case again with WARREN_SEED=${seed + run} ORACLE_RUNS=1`)
  }
  return requests
}

/** How many cases a test plays: `ORACLE_RUNS`, or what it says itself. */
export function casesToPlay(usual: number): number {
  return Number(process.env['ORACLE_RUNS'] ?? usual)
}

type Open = (shape: Shape) => Promise<readonly Answering[]>

async function failureOf(given: OracleCase, open: Open): Promise<unknown> {
  try {
    await playCase(given, open)
    return undefined
  } catch (error) {
    return error
  }
}

async function smallestFailure(given: OracleCase, open: Open, hint: string): Promise<Error> {
  const smallest = await smallestCase(given, async (smaller) => (await failureOf(smaller, open)) !== undefined)
  const failure = await failureOf(smallest, open)
  return new Error(`${messageOf(failure)}\n\n${hint}`)
}

/** Makes a write, and says which documents it was about; none when it was to create one that is there already. */
export type Write = (change: Change) => Promise<readonly string[]>

/** Makes the world of a case by its writes. @throws when one fails, or is about other documents than the evaluator says */
export async function buildWorld(
  { shape: numbers, changes }: OracleCase,
  open: (shape: Shape) => Promise<Write>,
): Promise<{ readonly world: World; readonly written: readonly Change[] }> {
  const shape = randomShape(choicesOf(numbers))
  const write = await open(shape)
  const written: Change[] = []
  let world: World = { shape, documents: new Map(shape.types.map(({ name }) => [name, []])) }
  for (const decided of changes) {
    const change = randomChange(choicesOf(decided), world)
    if (change === undefined) continue
    const docIds = await write(change).catch(failed(world, written, change))
    const expected = change.kind === 'create' ? docIds : changedIds(world, change)
    if (docIds.toSorted().join() !== expected.toSorted().join()) {
      failed(world, written, change)(new Error(`it was about [${docIds.join(', ')}] and not about [${expected.join(', ')}]`))
    }
    world = changed(world, change, docIds)
    written.push(change)
  }
  return { world, written }
}

function failed(world: World, written: readonly Change[], change: Change): (error: unknown) => never {
  return (error) => {
    throw new Error(reportFailedWrite({ world, written, change, error }), { cause: error })
  }
}

/** The requests of a case, and what the evaluator answers. */
export function answersOf(
  { requests }: OracleCase,
  world: World,
): readonly { readonly request: PlainRequest; readonly expected: ExpectedObject }[] {
  return requests.map((decided) => {
    const request = randomRequest(choicesOf(decided), world)
    return { request, expected: evaluate(world, request) }
  })
}

/** Plays a case on databases and compares each answer with the evaluator's. @throws an error that shows everything when they differ */
async function playCase(given: OracleCase, open: Open): Promise<void> {
  const sides: Answering[] = []
  try {
    const { world, written } = await buildWorld(given, async (shape) => {
      sides.push(...(await open(shape)))
      return (change) => writeTo(sides, change)
    })
    for (const { request, expected } of answersOf(given, world)) {
      const text = requestToText(request)
      const answers = []
      for (const side of sides) answers.push({ name: side.name, result: await side.execute(text) })
      const isRight = answers.every(({ result }) => result.errors === undefined && isExpected(result.data, expected))
      if (!isRight) throw new Error(reportDifference({ world, written, text, expected, answers }))
    }
  } finally {
    for (const side of sides) await side.close()
  }
}

/** Makes a write on all databases. @throws when it is about other documents in one than in another */
export async function writeTo(sides: readonly Answering[], change: Change): Promise<readonly string[]> {
  const [docIds = [], ...others] = await Promise.all(sides.map((side) => writeOne(side, change).catch(refusedBy(side))))
  const other = others.find((ids) => ids.toSorted().join() !== docIds.toSorted().join())
  if (other !== undefined) throw new Error(`one database wrote [${docIds.join(', ')}], another [${other.join(', ')}]`)
  return docIds
}

function refusedBy({ name }: Answering): (error: unknown) => never {
  return (error) => {
    throw new Error(`${name}: ${messageOf(error)}`, { cause: error })
  }
}

async function writeOne(side: Answering, change: Change): Promise<readonly string[]> {
  switch (change.kind) {
    case 'create': {
      const docId = await side.create(change.type, change.values)
      return docId === undefined ? [] : [docId]
    }
    case 'update':
      await side.update(change.type, change.docId, change.values)
      return [change.docId]
    case 'delete':
      await side.delete(change.type, change.docId)
      return [change.docId]
    case 'updateMany':
      return side.updateMany(change.type, change.filter, change.values)
    case 'deleteMany':
      return side.deleteMany(change.type, change.filter)
  }
}
