import { FIELDS, isSamePerson, person, SCHEMA, type Person } from './documents.ts'
import { loadFor, pacedLoad, withConnections, type Exchange, type Load } from './http-load.ts'
import type { BenchRun, Measure, Subject } from './measure.ts'
import { startBare, startWarren, type ServerProcess } from './support/http-servers.ts'
import type { Asked } from './support/kept-connection.ts'
import { rotated } from './support/rotated.ts'

const BARE = 'bare node:http'
const WARREN = 'WarrenDB'

const API = '/api/v0'
const COLLECTION_PATH = `${API}/collections/Person`
const TARGET = { least: 1_000 }

interface Plan {
  readonly n: number
  readonly rounds: number
  /** How long each load lasts, in milliseconds. */
  readonly duration: number
}

const WHOLE: Plan = { n: 10_000, rounds: 3, duration: 1_000 }
const QUICK: Plan = { n: 1_000, rounds: 1, duration: 400 }
const WARM_UP = 300
const IMPORTED = 10_000
const CONNECTIONS = [1, 32] as const
/** Between reads during an import: a load that a server that does nothing else hardly notices. */
const PACE = 4
const PACED_CONNECTIONS = 16

/** What is asked again and again, and how the answers are checked. */
interface Kind {
  readonly name: string
  readonly asked: (number: number, ids: readonly string[]) => Asked
  readonly isRight: (body: unknown, number: number, n: number) => boolean
}

/** Ten people are of each age, so that the index finds ten. */
const PER_AGE = 10
const QUERY = `query ($age: Int!) { Person(filter: { age: { _eq: $age } }) { ${FIELDS.join(' ')} } }`

const READ: Kind = {
  name: 'GET one document',
  asked: (number, ids) => ({ method: 'GET', path: `${COLLECTION_PATH}/${ids[number % ids.length] ?? ''}` }),
  isRight: (body, number, n) => isSamePerson(aged(number % n), body as Person),
}

const FIND: Kind = {
  name: 'query of 10 documents',
  asked: (number, ids) => ({
    method: 'POST',
    path: `${API}/graphql`,
    body: { query: QUERY, variables: { age: number % (ids.length / PER_AGE) } },
  }),
  isRight: (body, number, n) => {
    const { data } = body as { readonly data: { readonly Person: readonly Person[] } }
    const first = (number % (n / PER_AGE)) * PER_AGE
    return (
      data.Person.length === PER_AGE && agedPeople(first, PER_AGE).every((one) => data.Person.some((found) => isSamePerson(one, found)))
    )
  },
}

const CREATE: Kind = {
  name: 'POST one document',
  asked: (number) => ({ method: 'POST', path: COLLECTION_PATH, body: aged(number) }),
  isRight: (body) => (body as { readonly Count: number }).Count === 1,
}

export const http: Subject = {
  name: 'http',
  title: 'The HTTP API of a node on SQLite, over connections that are kept',
  contestants: [BARE, WARREN],
  seconds: { whole: 180, quick: 60 },
  run: async (bench) => {
    const plan = bench.quick ? QUICK : WHOLE
    const bare = await startBare()
    const warren = await startWarren(bench.profiles)
    try {
      const contestants = [await filled(BARE, bare, plan.n), await filled(WARREN, warren, plan.n)]
      for (let round = 0; round < plan.rounds; round++) {
        for (const contestant of rotated(contestants, round)) await measureRound(bench, plan, contestant)
      }
      for (const contestant of contestants) await checkCount(contestant)
    } finally {
      await Promise.all([bare.stop(), warren.stop()])
    }
  },
}

interface Filled {
  readonly name: string
  readonly url: string
  readonly ids: readonly string[]
  /** How many documents it must have by now, and so the number of the next one. */
  documents: number
}

async function filled(name: string, { url }: ServerProcess, n: number): Promise<Filled> {
  await fetch(`${url}${API}/schema`, { method: 'POST', body: SCHEMA })
  const response = await fetch(`${url}${COLLECTION_PATH}`, { method: 'POST', body: JSON.stringify(agedPeople(0, n)) })
  const { DocIDs: ids } = (await response.json()) as { readonly DocIDs: readonly string[] }
  return { name, url, ids, documents: n }
}

async function measureRound(bench: BenchRun, plan: Plan, contestant: Filled): Promise<void> {
  const { name, url, ids } = contestant
  for (const kind of [READ, FIND, CREATE]) {
    for (const count of CONNECTIONS) {
      bench.signal.throwIfAborted()
      bench.progress(`${name}: ${kind.name}, ${count}`)
      const asked = (number: number): Asked => kind.asked(number, ids)
      await withConnections(url, count, async (connections) => {
        for (const duration of [WARM_UP, plan.duration]) {
          const load = await loadFor(connections, duration, asked, kind === CREATE ? contestant.documents : 0)
          if (kind === CREATE) contestant.documents += load.latencies.length
          check(kind, load.exchanges, plan.n)
          if (duration === plan.duration) record(bench, kind, count, name, plan.n, load)
        }
      })
    }
  }
  await measureImport(bench, plan, contestant)
}

function record(bench: BenchRun, { name: what }: Kind, count: number, name: string, n: number, load: Load): void {
  const where = count === 1 ? '1 connection' : `${count} connections`
  const rate: Measure = { name: `${what}, ${where}`, unit: 'requests/s', target: TARGET }
  bench.record(rate, name, n, [load.latencies.length / load.seconds])
  for (const share of [0.5, 0.95, 0.99]) {
    bench.record({ name: `${what}, ${where}, p${share * 100}`, unit: 'ms', quantile: share }, name, n, load.latencies)
  }
}

/** Reads that are due at fixed times, first alone and then beside an import. */
async function measureImport(bench: BenchRun, { n, duration }: Plan, contestant: Filled): Promise<void> {
  const { name, url, ids } = contestant
  bench.progress(`${name}: import`)
  const asked = (number: number): Asked => READ.asked(number, ids)
  await withConnections(url, PACED_CONNECTIONS, async (connections) => {
    const end = performance.now() + duration
    const quiet = await pacedLoad(connections, PACE, asked, () => performance.now() > end)
    const body = JSON.stringify({ Person: agedPeople(contestant.documents, IMPORTED) })
    let isOver = false
    const start = performance.now()
    const importing = fetch(`${url}${API}/backup`, { method: 'POST', body }).then(async (response) => {
      const seconds = (performance.now() - start) / 1000
      isOver = true
      return { seconds, answer: (await response.json()) as { readonly documents?: number } }
    })
    const busy = await pacedLoad(connections, PACE, asked, () => isOver)
    const { seconds, answer } = await importing
    if (answer.documents !== IMPORTED) throw new Error(`an import of ${IMPORTED} answers ${JSON.stringify(answer)}`)
    contestant.documents += IMPORTED
    for (const { exchanges } of [quiet, busy]) check(READ, exchanges, n)
    for (const [when, { latencies }] of [['alone', quiet] as const, ['beside an import', busy] as const]) {
      for (const share of [0.5, 0.99]) {
        bench.record({ name: `GET every ${PACE} ms, ${when}, p${share * 100}`, unit: 'ms', quantile: share }, name, n, latencies)
      }
    }
    bench.record({ name: `import of ${IMPORTED.toLocaleString('en')} meanwhile`, unit: 'documents/s' }, name, n, [IMPORTED / seconds])
  })
}

function check({ name, isRight }: Kind, exchanges: readonly Exchange[], n: number): void {
  for (const { number, answer } of exchanges) {
    if (answer.status !== 200 || !isRight(JSON.parse(answer.body) as unknown, number, n)) {
      throw new Error(`${name} ${number} is answered with ${answer.status} ${answer.body.slice(0, 200)}`)
    }
  }
}

async function checkCount({ name, url, documents }: Filled): Promise<void> {
  const body = JSON.stringify({ query: '{ _count(Person: {}) }' })
  const response = await fetch(`${url}${API}/graphql`, { method: 'POST', body })
  const { data } = (await response.json()) as { readonly data: { readonly _count: number } }
  if (data._count !== documents) throw new Error(`${name} has ${data._count} documents, not ${documents}`)
}

function aged(number: number): Person {
  return { ...person(number), age: Math.floor(number / PER_AGE) }
}

function agedPeople(first: number, count: number): readonly Person[] {
  return Array.from({ length: count }, (_, index) => aged(first + index))
}
