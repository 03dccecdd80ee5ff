import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, vi } from 'vitest'

import { openLocalDatabase } from '../database/local-database.ts'
import type { Database } from '../database/database.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { openHttpDatabase } from './client.ts'
import { nodeFiles } from './files.node.ts'
import { serveHttp, type HttpServer, type ServerOptions } from './server.node.ts'

interface Served extends AsyncDisposable {
  readonly db: Database
  readonly server: HttpServer
  readonly port: number
}

async function serve(options: Partial<ServerOptions> = {}): Promise<Served> {
  const db = await openLocalDatabase({
    name: 'served',
    store: await openMemoryStore(),
    storageKind: 'memory',
    schema: 'type Note { title: String }',
  })
  const server = await serveHttp({ database: () => db, files: nodeFiles }, { host: '127.0.0.1', port: 0, ...options })
  return {
    db,
    server,
    port: Number(new URL(server.url).port),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await db.close()
    },
  }
}

/** Sends bytes over a bare connection and gives what comes back until it is closed. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  let text = ''
  socket.on('data', (piece) => {
    text += String(piece)
  })
  // A server that has answered does not wait for the rest of nonsense.
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

describe('the HTTP server', () => {
  it('serves a database to a client', async () => {
    await using served = await serve()
    await using remote = openHttpDatabase({ url: served.server.url })
    const docID = await remote.collection('Note').create({ title: 'a' })
    expect(await served.db.collection('Note').get(docID)).toMatchObject({ title: 'a' })
  })

  it('says that its port is taken, or its address of another machine', async () => {
    await using served = await serve()
    await expect(serve({ port: served.port })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `cannot listen on 127.0.0.1:${served.port}: something listens there already; stop it, or take another port with --url`,
    })
    await expect(serve({ host: '192.0.2.1' })).rejects.toThrow('that is no address of this machine')
  })

  it('refuses a certificate that is none', async () => {
    await expect(serve({ tls: { key: 'x', cert: 'y' } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('PEM'),
    })
  })

  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['a broken request line', 'GET\r\n\r\n'],
    ['a length that is none', 'POST /api/v0/graphql HTTP/1.1\r\nhost: x\r\ncontent-length: -3\r\n\r\n'],
    ['two lengths', 'POST /api/v0/graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc'],
    ['a broken chunk', 'POST /api/v0/graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['endless headers', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(20_000)}`],
    ['a path of nonsense', 'GET /%ff%fe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'],
    ['no host', 'GET /health-check HTTP/1.1\r\nconnection: close\r\n\r\n'],
  ])('answers %s with a client error and goes on', async (_, bytes) => {
    await using served = await serve()
    expect(await exchange(served.port, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect((await fetch(`${served.server.url}/health-check`)).status).toBe(200)
  })

  it.each([
    ['measured', 'content-length: 1000\r\n\r\n{"title": '],
    ['chunked', 'transfer-encoding: chunked\r\n\r\n20\r\n{"title": '],
  ])('goes on when clients leave in the middle of a %s body, and stores nothing of it', async (_, begun) => {
    const onFault = vi.fn<(error: unknown) => void>()
    await using served = await serve({ onFault })
    const head = `POST /api/v0/collections/Note HTTP/1.1\r\nhost: localhost\r\n${begun}`
    for (let round = 0; round < 20; round++) {
      const socket = connect(served.port, '127.0.0.1')
      socket.write(head)
      await once(socket, 'connect')
      socket.destroy()
    }
    expect((await fetch(`${served.server.url}/health-check`)).status).toBe(200)
    expect(await served.db.execute('{ Note { title } }')).toEqual({ data: { Note: [] } })
    // Clients may leave; it is no fault of the server.
    expect(onFault).not.toHaveBeenCalled()
  })

  it('ends the iteration behind a stream whose client is gone', async () => {
    await using served = await serve()
    const ended = vi.fn<() => void>()
    const { watch } = served.db
    const watched: Database = {
      ...served.db,
      watch: (query, options) => {
        options?.signal?.addEventListener('abort', ended)
        return watch(query, options)
      },
    }
    const server = await serveHttp({ database: () => watched }, { host: '127.0.0.1', port: 0 })
    try {
      for (let round = 1; round <= 5; round++) {
        const leaving = new AbortController()
        const response = await fetch(`${server.url}/api/v0/graphql?watch=true&query={Note{title}}`, { signal: leaving.signal })
        await response.body?.getReader().read()
        leaving.abort()
        await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(round))
      }
    } finally {
      await server.close()
    }
  })

  it('does not let a client that takes nothing hold up the others', async () => {
    await using served = await serve()
    const stalled: Socket[] = []
    const warned = vi.spyOn(process, 'emitWarning')
    for (let round = 0; round < 20; round++) {
      const socket = connect(served.port, '127.0.0.1')
      socket.pause()
      socket.write('GET /api/v0/events HTTP/1.1\r\nhost: localhost\r\n\r\n')
      stalled.push(socket)
    }
    await using remote = openHttpDatabase({ url: served.server.url })
    const titles = Array.from({ length: 200 }, (_, index) => ({ title: `${index}` }))
    expect(await remote.collection('Note').create(titles)).toHaveLength(200)
    for (const socket of stalled) socket.destroy()
    expect(warned).not.toHaveBeenCalled()
  })

  it('closes while streams are open', async () => {
    const served = await serve()
    await using remote = openHttpDatabase({ url: served.server.url })
    const results = remote.watch('{ Note { title } }')[Symbol.asyncIterator]()
    expect(await results.next()).toMatchObject({ done: false })
    const next = results.next()
    await served.server.close()
    expect(await next).toMatchObject({ done: true })
    await served[Symbol.asyncDispose]()
  })

  it('serves the page beside the API, and what the page asks for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'warrendb-page-'))
    try {
      await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>')
      await using served = await serve({ page: folder, offer: () => ({ api: true }) })
      const { url } = served.server
      const page = await fetch(url)
      expect([page.headers.get('content-type'), await page.text()]).toEqual([
        'text/html; charset=utf-8',
        '<!doctype html><title>page</title>',
      ])
      expect(await (await fetch(`${url}/relay.json`)).json()).toEqual({ api: true })
      expect((await fetch(`${url}/api/v0/nothing`)).status).toBe(404)
      // `fetch` would shorten the path before it is sent.
      const outside = await new Promise<number | undefined>((resolve, reject) => {
        httpRequest(url, { path: '/../../../../etc/passwd' }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end()
      })
      expect(outside).toBe(404)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('the files of a server', () => {
  it('are written whole or not at all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'warrendb-files-'))
    try {
      const file = join(folder, 'a.json')
      await nodeFiles.write(file, piecesOf('[1,', '2]'))
      expect(await readFile(file, 'utf8')).toBe('[1,2]')
      expect(Buffer.concat(await Array.fromAsync(nodeFiles.read(file))).toString()).toBe('[1,2]')
      const failing = async function* (): AsyncGenerator<string> {
        yield 'half'
        throw new Error('the source broke')
      }
      await expect(nodeFiles.write(file, failing())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(await readFile(file, 'utf8')).toBe('[1,2]')
      await expect(Array.fromAsync(nodeFiles.read(join(folder, 'none.json')))).rejects.toThrow('none.json cannot be read')
      await expect(nodeFiles.write(join(folder, 'no', 'where.json'), piecesOf('x'))).rejects.toThrow('cannot be written')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

async function* piecesOf(...pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces
}
