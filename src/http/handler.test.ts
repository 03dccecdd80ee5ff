import { describe, expect, it } from 'vitest'

import { serveInProcess } from './http.testkit.ts'
import { MAX_BODY_BYTES, MAX_TRANSACTIONS } from './limits.ts'
import { ROUTES } from './routes.ts'

const SCHEMA = 'type Book { title: String  pages: Int }'

function json(body: unknown, method = 'POST'): RequestInit {
  return { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}

describe('the HTTP API', () => {
  it('answers GraphQL over POST and GET', async () => {
    await using node = await serveInProcess(SCHEMA)
    const made = await node.ask(
      '/api/v0/graphql',
      json({ query: 'mutation { create_Book(input: {title: "Tides", pages: 3}) { _docID } }' }),
    )
    expect(made.status).toBe(200)
    expect(await made.json()).toEqual({ data: { create_Book: [{ _docID: expect.stringMatching(/^bae-/) }] } })
    const query = 'query Long($least: Int) { Book(filter: {pages: {_ge: $least}}) { title } }'
    const search = new URLSearchParams({ query, operationName: 'Long', variables: '{"least": 2}' }).toString()
    const read = await node.ask(`/api/v0/graphql?${search}`)
    expect(read.headers.get('content-type')).toBe('application/json')
    expect(await read.json()).toEqual({ data: { Book: [{ title: 'Tides' }] } })
    const wrong = await node.ask('/api/v0/graphql', json({ query: '{ Nope }' }))
    expect(wrong.status).toBe(200)
    expect(await wrong.json()).toMatchObject({ data: null, errors: [{ message: expect.stringContaining('Nope') }] })
  })

  it('streams a subscription as server-sent events', async () => {
    await using node = await serveInProcess(SCHEMA)
    const response = await node.ask('/api/v0/graphql', json({ query: 'subscription { Book { title } }' }))
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader?.read()).toMatchObject({ value: ':\n\n' })
    const next = reader?.read()
    await node.local.collection('Book').create({ title: 'Tides' })
    expect(await next).toMatchObject({ value: 'data: {"data":{"Book":[{"title":"Tides"}]}}\n\n' })
    await reader?.cancel()
  })

  it('streams the operation that is named, when that is a subscription', async () => {
    await using node = await serveInProcess(SCHEMA)
    const query = 'query A { Book { title } } fragment Part on Book { title } subscription B { Book { ...Part } }'
    const kinds: unknown[] = []
    for (const operationName of ['A', 'B']) {
      const response = await node.ask('/api/v0/graphql', json({ query, operationName }))
      kinds.push(response.headers.get('content-type'))
      await response.body?.cancel()
    }
    expect(kinds).toEqual(['application/json', 'text/event-stream'])
  })

  it('takes and gives the bodies of the reference', async () => {
    await using node = await serveInProcess(undefined)
    const { ask } = node
    const added = await ask('/api/v0/schema', { method: 'POST', body: SCHEMA })
    expect(await added.json()).toMatchObject([{ Name: 'Book', IsActive: true, Fields: expect.any(Array) }])
    const [schema] = (await (await ask('/api/v0/schema?name=Book')).json()) as [{ readonly VersionID: string }]
    expect(schema).toMatchObject({
      Name: 'Book',
      Root: expect.any(String),
      Fields: expect.arrayContaining([{ Name: 'title', Kind: 11, Typ: 1 }]),
    })
    expect(await (await ask(`/api/v0/schema?version_id=${schema.VersionID}`)).json()).toEqual(schema)

    const many = await ask('/api/v0/collections/Book', json([{ title: 'a' }, { title: 'b' }]))
    const { Count, DocIDs } = (await many.json()) as { readonly Count: number; readonly DocIDs: readonly string[] }
    expect([Count, DocIDs.length]).toEqual([2, 2])
    const [docID = ''] = DocIDs
    expect(await (await ask(`/api/v0/collections/Book/${docID}`)).json()).toEqual({ _docID: docID, title: 'a', pages: null })
    expect((await ask(`/api/v0/collections/Book/${docID}`, json({ pages: 7 }, 'PATCH'))).status).toBe(200)
    const updated = await ask('/api/v0/collections/Book', json({ filter: { pages: { _eq: 7 } }, updater: '{"title": "c"}' }, 'PATCH'))
    expect(await updated.json()).toEqual({ Count: 1, DocIDs: [docID] })
    const ids = await (await ask('/api/v0/collections/Book')).text()
    expect(ids.split('\n\n').filter((line) => line.startsWith('data: '))).toHaveLength(2)
    expect(ids).toContain(`data: {"docID":"${docID}","error":""}`)

    const index = { Name: 'by_pages', Fields: [{ Name: 'pages', Descending: true }] }
    const made = await ask('/api/v0/collections/Book/indexes', json(index))
    expect(await made.json()).toEqual({ ...index, ID: 1, Unique: false })
    expect(await (await ask('/api/v0/collections/indexes')).json()).toEqual({ Book: [{ ...index, ID: 1, Unique: false }] })
    expect((await ask('/api/v0/collections/Book/indexes/by_pages', { method: 'DELETE' })).status).toBe(200)
    expect((await ask(`/api/v0/collections/Book/${docID}`, { method: 'DELETE' })).status).toBe(200)
    expect((await ask(`/api/v0/collections/Book/${docID}`)).status).toBe(404)
    expect((await ask(`/api/v0/collections/Book/${docID}?show_deleted=true`)).status).toBe(200)

    // Names of members are compared without regard to case, as the reference's decoder does.
    const patch = {
      patch: '[{"op": "add", "path": "/Book/Fields/-", "value": {"Name": "isbn", "Kind": "String"}}]',
      setAsDefaultVersion: true,
    }
    expect((await ask('/api/v0/schema', json(patch, 'PATCH'))).status).toBe(200)
    expect(await node.local.execute('{ Book { isbn } }')).toEqual({ data: { Book: [{ isbn: null }] } })
  })

  it('runs requests in the transaction that a header names', async () => {
    await using node = await serveInProcess(SCHEMA)
    const { id } = (await (await node.ask('/api/v0/tx', { method: 'POST' })).json()) as { readonly id: number }
    const headers = { 'x-defradb-tx': String(id) }
    const create = { query: 'mutation { create_Book(input: {title: "a"}) { title } }' }
    await node.ask('/api/v0/graphql', { ...json(create), headers })
    expect(await node.local.execute('{ Book { title } }')).toEqual({ data: { Book: [] } })
    expect((await node.ask(`/api/v0/tx/${id}`, { method: 'POST' })).status).toBe(200)
    expect(await node.local.execute('{ Book { title } }')).toEqual({ data: { Book: [{ title: 'a' }] } })
    const late = await node.ask('/api/v0/graphql', { ...json(create), headers })
    expect([late.status, await late.json()]).toMatchObject([404, { code: 'NOT_FOUND' }])
    const outside = await node.ask('/api/v0/status', { headers })
    expect([outside.status, await outside.json()]).toMatchObject([501, { error: expect.stringContaining('x-defradb-tx') }])
  })

  it('lets no more transactions be open than it can hold', async () => {
    await using node = await serveInProcess(SCHEMA)
    const begin = (): Promise<Response> => node.ask('/api/v0/tx/concurrent?read_only=true', { method: 'POST' })
    for (let open = 0; open < MAX_TRANSACTIONS; open++) expect((await begin()).status).toBe(200)
    const refused = await begin()
    expect([refused.status, await refused.json()]).toMatchObject([413, { code: 'LIMIT_EXCEEDED' }])
  })

  it.each<[string, string, RequestInit, number, string]>([
    ['JSON that is none', '/api/v0/graphql', { method: 'POST', body: '{"query": ' }, 400, 'line 1, column 11'],
    ['an empty body', '/api/v0/graphql', { method: 'POST' }, 400, 'the body is no JSON'],
    ['a body of the wrong shape', '/api/v0/graphql', json({ query: 3, variables: [] }), 400, 'query: '],
    ['bytes that are no text', '/api/v0/schema', { method: 'POST', body: Uint8Array.of(0xff, 0xfe) }, 400, 'no UTF-8'],
    ['a missing parameter', '/api/v0/graphql', {}, 400, 'the query parameter query is missing'],
    ['variables that are no object', '/api/v0/graphql?query=x&variables=3', {}, 400, 'is a JSON object'],
    ['a parameter that is no boolean', '/api/v0/tx?read_only=maybe', { method: 'POST' }, 400, 'it can be true or false'],
    ['a filter that is none', '/api/v0/collections/Book', json({ filter: 3 }, 'DELETE'), 400, 'the filter is 3'],
    ['a filter of nonsense', '/api/v0/collections/Book', json({ filter: 'all' }, 'DELETE'), 400, 'filter'],
    ['an unknown collection', '/api/v0/collections/Nope', json({ a: 1 }), 404, 'Nope'],
    ['an unknown field', '/api/v0/collections/Book', json({ colour: 1 }), 400, 'colour'],
    ['an unknown route', '/api/v0/nothing', {}, 404, 'GET /openapi.json'],
    ['a wrong method', '/api/v0/backup/export', {}, 404, 'there is nothing at GET /api/v0/backup/export'],
    ['a network that is not there', '/api/v0/p2p/info', {}, 501, 'p2p: false'],
    ['migrations', '/api/v0/schema', json({ Patch: '[]', Migration: {} }, 'PATCH'), 501, 'migrations'],
    ['a purge without leave', '/api/v0/purge', { method: 'POST' }, 403, '--development'],
    ['an unknown key type', '/api/v0/block/verify-signature?cid=b&public-key=00&type=rsa', {}, 400, 'secp256k1'],
  ])('says what is wrong with %s', async (_, path, init, status, message) => {
    await using node = await serveInProcess(SCHEMA)
    const response = await node.ask(path, init)
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status,
      body: { error: expect.stringContaining(message) },
    })
    expect(await node.local.execute('{ Book { title } }')).toEqual({ data: { Book: [] } })
  })

  it('reads no body further than it may be long', async () => {
    await using node = await serveInProcess(SCHEMA)
    const announced = await node.ask('/api/v0/schema', {
      method: 'POST',
      body: 'x',
      headers: { 'content-length': String(MAX_BODY_BYTES + 1) },
    })
    expect(announced.status).toBe(413)
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1
        controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20))
      },
    })
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit
    const response = await node.ask('/api/v0/schema', init)
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'LIMIT_EXCEEDED' }])
    expect(sent).toBeLessThan(MAX_BODY_BYTES / (1024 * 1024) + 10)
  })

  it('refuses a patch that doubles a description again and again', async () => {
    await using node = await serveInProcess(SCHEMA)
    const Patch = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/Book', path: `/Book/copy${index}` }))
    const response = await node.ask('/api/v0/schema', json({ Patch }, 'PATCH'))
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'LIMIT_EXCEEDED' }])
  })

  it('describes each of its routes', async () => {
    await using node = await serveInProcess(undefined)
    expect(await (await node.ask('/health-check')).text()).toBe('Healthy')
    const description = (await (await node.ask('/openapi.json')).json()) as { readonly paths: Readonly<Record<string, object>> }
    for (const { method, path } of ROUTES) expect(description.paths[`/api/v0${path}`]).toHaveProperty(method.toLowerCase())
    expect(description).toMatchObject({
      paths: {
        '/api/v0/collections/{name}/{docID}': {
          get: { parameters: [{ name: 'name', in: 'path' }, { name: 'docID' }, { name: 'show_deleted', in: 'query' }, { in: 'header' }] },
        },
        '/api/v0/p2p/replicators': { post: { requestBody: { content: { 'application/json': { schema: { type: 'object' } } } } } },
      },
    })
  })

  it('has every method and path once', () => {
    const names = ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('pages of other sites', () => {
  const foreign = { origin: 'https://evil.example' }
  const mutation = json({ query: 'mutation { create_Book(input: {title: "a"}) { title } }' })

  it('are refused before they do anything', async () => {
    await using node = await serveInProcess(SCHEMA)
    const posted = await node.ask('/api/v0/graphql', { ...mutation, headers: foreign })
    expect([posted.status, await posted.json()]).toMatchObject([
      403,
      { error: expect.stringContaining('--allowed-origins https://evil.example') },
    ])
    const image = await node.ask('/api/v0/graphql?query=mutation{create_Book(input:{title:"a"}){title}}', {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    })
    expect(image.status).toBe(403)
    const link = await node.ask('/api/v0/graphql?query=mutation{create_Book(input:{title:"a"}){title}}', {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    })
    expect(link.status).toBe(403)
    expect((await node.ask('/health-check', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } })).status).toBe(
      200,
    )
    expect(await node.local.execute('{ Book { title } }')).toEqual({ data: { Book: [] } })
  })

  it('are refused under a name that somebody else points to this machine', async () => {
    await using node = await serveInProcess(SCHEMA)
    const rebound = new Request('http://evil.example:9181/api/v0/graphql', { ...mutation, headers: { origin: 'http://evil.example:9181' } })
    expect((await node.handler.handle(rebound)).status).toBe(403)
  })

  it('may ask when their origin is allowed, and are told so', async () => {
    await using node = await serveInProcess(SCHEMA, {}, { allowedOrigins: ['https://app.example/'] })
    const headers = { origin: 'https://app.example' }
    const preflight = await node.ask('/api/v0/graphql', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type')
    const posted = await node.ask('/api/v0/graphql', { ...mutation, headers })
    expect([posted.status, posted.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example'])
    const failed = await node.ask('/api/v0/nothing', { headers })
    expect([failed.status, failed.headers.get('access-control-allow-origin')]).toEqual([404, 'https://app.example'])
    expect((await node.ask('/api/v0/graphql', { ...mutation, headers: foreign })).status).toBe(403)
  })

  it('of this server itself may ask, as do programs', async () => {
    await using node = await serveInProcess(SCHEMA)
    const own = await node.ask('/api/v0/graphql', {
      ...mutation,
      headers: { origin: 'http://127.0.0.1:9181', 'sec-fetch-site': 'same-origin' },
    })
    expect(own.status).toBe(200)
    expect((await node.ask('/api/v0/graphql', mutation)).status).toBe(200)
  })
})
