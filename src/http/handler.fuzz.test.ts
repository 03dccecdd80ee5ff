import { describe, expect, it } from 'vitest'

import type { Database } from '../database/database.ts'
import { bytesToHex } from '../util/bytes.ts'
import { FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { pick } from '../util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { hostileRequest, SAMPLE_BODIES, SAMPLE_SCHEMA, type HostileRequest, type Known } from './hostile-requests.testkit.ts'
import { serveInProcess, type ServedNode } from './http.testkit.ts'
import type { Files, Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { STATUS_BY_CODE } from './status.ts'

/** Requests to one node. The seed of each such group plays it alone. */
const REQUESTS_PER_NODE = 40
/** Nothing that is asked here takes a tenth of it. */
const LONGEST = 20_000

describe('whatever a client sends', () => {
  it('is answered with a status of the table, and changes nothing when it is refused', { timeout: FUZZ_TIMEOUT * 2 }, async () => {
    const seed = testSeed()
    const inputs = inputsToMake(1.5)
    let accepted = 0
    for (let made = 0, group = 0; made < inputs; group++) {
      const random = randomOf(seed + group)
      await using asked = await aNode()
      for (let index = 0; index < REQUESTS_PER_NODE && made < inputs; index++, made++) {
        const route = pick(ROUTES, random)
        if (await isAccepted(asked, route, random, seed + group)) accepted++
      }
    }
    expect(accepted / inputs).toBeGreaterThan(0.1)
    expect(accepted / inputs).toBeLessThan(0.7)
  })

  it('is made from a sample for every route that takes a body', () => {
    const names = ROUTES.filter(({ body }) => body.kind !== 'none').map(({ method, path }) => `${method} ${path}`)
    expect(Object.keys(SAMPLE_BODIES).toSorted()).toEqual(names.toSorted())
  })
})

interface Asked extends AsyncDisposable {
  readonly node: ServedNode
  readonly known: Known
  /** What the server has taken for its own fault. */
  readonly faults: readonly unknown[]
}

async function aNode(): Promise<Asked> {
  const faults: unknown[] = []
  const node = await serveInProcess(SAMPLE_SCHEMA, { files: filesInMemory() }, { onFault: (error) => faults.push(error) })
  const [docID = ''] = await node.local.collection('Book').create([{ title: 'a', pages: 3 }, { pages: 5 }])
  await node.local.collection('Shelf').create({ name: 'low' })
  const [version] = await node.local.collections.describe({ name: 'Book' })
  const backup = (await Array.fromAsync(node.local.backup.export())).join('')
  const begun = (await (await node.ask('/api/v0/tx', { method: 'POST' })).json()) as { readonly id: number }
  const known = {
    docID,
    versionID: version?.versionId ?? '',
    collectionID: version?.collectionId ?? '',
    transaction: String(begun.id),
    backup,
  }
  return { node, known, faults, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() }
}

async function isAccepted({ node, known, faults }: Asked, route: Route, random: Random, seed: number): Promise<boolean> {
  const request = hostileRequest(route, known, random)
  const before = await stored(node.local)
  try {
    const answer = await inTime(answered(node, request, route))
    if (faults.length > 0) throw new Error('it is taken for a fault of the server', { cause: faults[0] })
    const isRefused = refusal(answer)
    if (isRefused && (await stored(node.local)) !== before) throw new Error('it is refused and has changed what is stored')
    return !isRefused
  } catch (error) {
    const body = request.body === undefined ? '' : new TextDecoder().decode(request.body).slice(0, 2000)
    const shown = `${request.method} ${request.path.slice(0, 500)} ${JSON.stringify(request.headers)} ${body}`
    throw new Error(`${String(error)}: ${shown}; again with WARREN_SEED=${seed}`, { cause: error })
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly isStream: boolean
}

async function answered({ ask }: ServedNode, { method, path, headers, body }: HostileRequest, route: Route): Promise<Answer> {
  const response = await ask(path, { method, headers, ...(body === undefined ? {} : { body }) })
  const isStream = response.headers.get('content-type') === 'text/event-stream'
  // These end only with the client.
  if (isStream && ['/events', '/graphql'].includes(route.path)) {
    await response.body?.cancel()
    return { status: response.status, text: '', isStream }
  }
  return { status: response.status, text: await response.text(), isStream }
}

const STATUSES = new Set(Object.values(STATUS_BY_CODE).filter((status) => status !== 500))
/** How the engine says that this program is wrong. */
const BUG =
  /is not a function|is not iterable|Cannot (?:read|set|convert|destructure)|Maximum call stack|Invalid (?:array|string) length|is not defined/

/** Whether the answer says that nothing was done. @throws Error when it is none that a client may get */
function refusal({ status, text, isStream }: Answer): boolean {
  if (BUG.test(text)) throw new Error(`the answer tells of a bug: ${text.slice(0, 300)}`)
  if (status === 200 && isStream) {
    const [, error] = /\nevent: error\ndata: ([^\n]*)\n/.exec(text) ?? []
    if (error !== undefined) expectError(error)
    return error !== undefined
  }
  // An answer to a question of a browser.
  if (status === 204) return true
  if (status === 200) return text.startsWith('{"data":null')
  if (!STATUSES.has(status)) throw new Error(`the status is ${status}: ${text.slice(0, 300)}`)
  expectError(text)
  return true
}

function expectError(text: string): void {
  const { error, code } = JSON.parse(text) as { readonly error?: unknown; readonly code?: unknown }
  if (typeof error !== 'string' || error === '') throw new Error(`the error has no message: ${text.slice(0, 300)}`)
  if (typeof code !== 'string' || !Object.hasOwn(STATUS_BY_CODE, code)) throw new Error(`the error has no code: ${text.slice(0, 300)}`)
}

/** All that is stored, in one text. */
async function stored(database: Database): Promise<string> {
  const entries = await Array.fromAsync(database.dump())
  return entries.map(({ key, value }) => `${bytesToHex(key)} ${bytesToHex(value)}`).join('\n')
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('there is no answer')), LONGEST)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function filesInMemory(): Files {
  const texts = new Map([['kept.json', '{"Book": [{"title": "k"}]}']])
  return {
    write: async (path, pieces) => {
      texts.set(path, (await Array.fromAsync(pieces)).join(''))
    },
    read: async function* (path) {
      yield new TextEncoder().encode(texts.get(path) ?? '')
    },
  }
}
