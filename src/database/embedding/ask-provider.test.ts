import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'

import { afterEach, describe, expect, it } from 'vitest'

import { concatBytes, decodeText } from '../../util/bytes.ts'
import { openTestNode } from '../database.testkit.ts'
import { askProvider, MOST_ANSWER_BYTES, type Answer, type ProviderKeys } from './ask-provider.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Asked {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

interface Service {
  readonly url: string
  readonly asked: readonly Asked[]
}

/** A server on this machine that gives every request the same answer. */
async function aService(answer: string | object, status = 200, headers: Readonly<Record<string, string>> = {}): Promise<Service> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url: path, headers: sent } = request
      asked.push({ method, path, headers: sent, body: JSON.parse(decodeText(concatBytes(...chunks))) })
      response.writeHead(status, headers).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return { url: `http://127.0.0.1:${address.port}`, asked }
}

const ask = (provider: string, url: string, keys: ProviderKeys = {}): Promise<Answer> =>
  askProvider(
    { provider, model: 'm', url, text: 'a text', collection: 'User', field: 'vector', signal: new AbortController().signal },
    keys,
  )

describe('ollama', () => {
  it('is sent the model and the text as a prompt', async () => {
    const { url, asked } = await aService({ embedding: [1, 2] })
    expect(await ask('ollama', `${url}/api`)).toEqual({ kind: 'answered', vector: [1, 2] })
    expect(asked).toMatchObject([{ method: 'POST', path: '/api/embeddings', body: { model: 'm', prompt: 'a text' } }])
    expect(asked[0]?.headers).toMatchObject({ 'content-type': 'application/json' })
  })

  it.each(['/api/', '/api/embeddings', '/api/embeddings/'])('is found at %s', async (path) => {
    const { url, asked } = await aService({ embedding: [1] })
    await ask('ollama', `${url}${path}`)
    expect(asked.map((one) => one.path)).toEqual(['/api/embeddings'])
  })

  it('never gets a key', async () => {
    const { url, asked } = await aService({ embedding: [1] })
    await ask('ollama', url, { given: { openai: 'secret' }, ambient: { openai: 'secret' } })
    expect(asked[0]?.headers.authorization).toBeUndefined()
  })
})

describe('openai', () => {
  it('is sent the model, the text as input, and the key that was given', async () => {
    const { url, asked } = await aService({ data: [{ embedding: [1, 2], index: 0 }] })
    expect(await ask('openai', `${url}/v1`, { given: { openai: 'secret' } })).toEqual({ kind: 'answered', vector: [1, 2] })
    expect(asked).toMatchObject([{ path: '/v1/embeddings', body: { model: 'm', input: 'a text' } }])
    expect(asked[0]?.headers.authorization).toBe('Bearer secret')
  })

  it('does not get a key of the environment at an address that is not its own', async () => {
    const { url, asked } = await aService({ data: [{ embedding: [1] }] })
    await ask('openai', url, { ambient: { openai: 'secret' } })
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })
})

describe('an answer that is of no use says why', () => {
  it.each<readonly [string, string | object, number, Readonly<Record<string, string>>, RegExp]>([
    [
      'an error of the service',
      { error: 'model "m" not found' },
      404,
      {},
      /answered with status 404: .*not found.*; see that "ollama serve" runs/,
    ],
    ['what is no JSON', '<html>', 200, {}, /answered with what is no JSON: <html>/],
    ['too much', ' '.repeat(MOST_ANSWER_BYTES + 1), 200, {}, /answered with more than 2097152 bytes/],
    ['a way to elsewhere', '', 307, { Location: 'http://127.0.0.1:1/' }, /did not answer: .*redirect/],
  ])('%s', async (_, answer, status, headers, reason) => {
    const { url } = await aService(answer, status, headers)
    expect(await ask('ollama', url)).toMatchObject({ kind: 'failed', reason: expect.stringMatching(reason) })
  })

  it('nobody there, no address, no such provider', async () => {
    // Port 1 is reserved and nobody listens there.
    expect(await ask('ollama', 'http://127.0.0.1:1')).toMatchObject({
      reason: expect.stringMatching(/127\.0\.0\.1:1\/embeddings did not answer/),
    })
    expect(await ask('ollama', 'file:///etc')).toMatchObject({ reason: '"file:///etc" is no http address' })
    expect(await ask('olama', 'http://127.0.0.1:1')).toMatchObject({
      reason: expect.stringContaining('there is no such provider (did you mean "ollama"?); it can be ollama or openai'),
    })
  })

  it('whatever stands where the vector should be is no vector', async () => {
    const { url } = await aService({ data: [{ embedding: 'x' }] })
    const schema = `type User { name: String v: [Float32!] @embedding(fields: ["name"], provider: "openai", model: "m", url: "${url}") }`
    const { db } = await openTestNode(schema, { embedding: { keys: { given: { openai: 'secret' } } } })
    const failure: unknown = await db
      .collection('User')
      .create({ name: 'a' })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'EMBEDDING_FAILED',
      message: expect.stringMatching(
        /^the vector "v" of "User" could not be made by provider "openai", model "m": the answer has no vector/,
      ),
      details: { url },
    })
    expect(JSON.stringify(failure)).not.toContain('secret')
  })
})

it('a database fills vectors from a service', async () => {
  const { url, asked } = await aService({ embedding: [0.25, 0.5] })
  const schema = `type User { name: String v: [Float32!] @embedding(fields: ["name"], provider: "ollama", model: "nomic", url: "${url}/api") }`
  const { db } = await openTestNode(schema)
  const id = await db.collection('User').create({ name: 'John' })
  expect(await db.collection('User').get(id)).toMatchObject({ v: [0.25, 0.5] })
  expect(asked.map(({ body }) => body)).toEqual([{ model: 'nomic', prompt: 'John' }])
})
