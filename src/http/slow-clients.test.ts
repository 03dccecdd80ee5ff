import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { describe, expect, it, vi } from 'vitest'

import { openLocalDatabase } from '../database/local-database.ts'
import type { Database } from '../database/database.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { eventStream } from './event-stream.ts'
import { serveHttp, type HttpServer } from './server.node.ts'

interface Served extends AsyncDisposable {
  readonly server: HttpServer
  readonly port: number
}

async function aDatabase(): Promise<Database> {
  return openLocalDatabase({ name: 'served', store: await openMemoryStore(), storageKind: 'memory', schema: 'type Note { title: String }' })
}

async function serve(database: Database): Promise<Served> {
  const server = await serveHttp({ database: () => database }, { host: '127.0.0.1', port: 0 })
  return {
    server,
    port: Number(new URL(server.url).port),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await database.close()
    },
  }
}

async function open(port: number, bytes: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  // Servers may cut it.
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'connect')
  return socket
}

const PIECE = 'x'.repeat(64 * 1024)
const PIECES = 800
/** What the buffers of both ends of a connection may hold, with room. */
const MOST_AHEAD = 200

describe('clients that are slow', () => {
  it.each([
    ['an export', '*/*'],
    ['an export with progress', 'text/event-stream'],
  ])('are not given more of %s than they take', async (_, accept) => {
    const database = await aDatabase()
    let given = 0
    let ended = false
    async function* pieces(): AsyncGenerator<string, void> {
      try {
        for (; given < PIECES; given++) yield PIECE
      } finally {
        ended = true
      }
    }
    await using served = await serve({ ...database, backup: { ...database.backup, export: pieces } })
    const socket = await open(served.port, `GET /api/v0/backup HTTP/1.1\r\nhost: localhost\r\naccept: ${accept}\r\n\r\n`)
    socket.pause()
    await vi.waitFor(() => expect(given).toBeGreaterThan(0))
    // Others are served meanwhile, in which time all of it would have been given.
    for (let asked = 0; asked < 200; asked++) await (await fetch(`${served.server.url}/health-check`)).text()
    expect(given).toBeLessThan(MOST_AHEAD)
    socket.destroy()
    await vi.waitFor(() => expect(ended).toBe(true))
  })

  it('are given an event only when they take it', async () => {
    let given = 0
    async function* events(): AsyncGenerator<{ readonly data: number }, void> {
      for (;;) yield { data: given++ }
    }
    const reader = eventStream(events(), new AbortController().signal).body?.getReader()
    await reader?.read()
    for (let round = 0; round < 20; round++) await Promise.resolve()
    expect(given).toBeLessThan(3)
    await reader?.cancel()
  })

  it('do not hold up others, whether they send headers, a body, or nothing', async () => {
    await using served = await serve(await aDatabase())
    const begun = [
      'GET /health-check HTTP/1.1\r\nho',
      'POST /api/v0/schema HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\ntype',
      'POST /api/v0/schema HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n4\r\ntype\r\n',
      '',
    ]
    const sockets: Socket[] = []
    for (let index = 0; index < 1_000; index++) sockets.push(await open(served.port, begun[index % begun.length] ?? ''))
    expect((await fetch(`${served.server.url}/health-check`)).status).toBe(200)
    const answer = await fetch(`${served.server.url}/api/v0/collections/Note`, { method: 'POST', body: '{"title": "a"}' })
    expect(answer.status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })
})

describe('clients that leave', () => {
  it.each([
    ['a watched query', '/api/v0/graphql?watch=true&query={Note{title}}'],
    ['a subscription', '/api/v0/graphql?query=subscription{Note{title}}'],
    ['the events', '/api/v0/events'],
    ['an export', '/api/v0/backup'],
    ['an export with progress', '/api/v0/backup', 'text/event-stream'],
    ['a dump', '/api/v0/debug/dump'],
  ])('leave nothing of %s behind, 100 in a row', async (_, path, accept = '*/*') => {
    const database = await aDatabase()
    await database.collection('Note').create(Array.from({ length: 200 }, (_unused, index) => ({ title: `${index}`.repeat(400) })))
    let running = 0
    const counted = <T>(results: AsyncIterable<T>): AsyncIterable<T> => countRunning(results, (change) => (running += change))
    let heard = 0
    const events = {
      ...database.events,
      addEventListener: (...given: Parameters<Database['events']['addEventListener']>) => {
        heard++
        database.events.addEventListener(...given)
      },
    } as Database['events']
    await using served = await serve({
      ...database,
      events,
      watch: (...given) => counted(database.watch(...given)),
      subscribe: (...given) => counted(database.subscribe(...given)),
      dump: (...given) => counted(database.dump(...given)),
      backup: { ...database.backup, export: (...given) => counted(database.backup.export(...given)) },
    })
    let afterOne: number | undefined
    for (let round = 0; round < 100; round++) {
      const leaving = new AbortController()
      const response = await fetch(`${served.server.url}${path}`, { signal: leaving.signal, headers: { accept } })
      expect(response.status).toBe(200)
      if (round % 2 === 0) await response.body?.getReader().read()
      leaving.abort()
      afterOne ??= heard
    }
    await vi.waitFor(() => expect(running).toBe(0), { timeout: 5_000 })
    // The hub listens once for all streams.
    expect(heard).toBe(afterOne)
  })
})

/** The same iterable, which tells of each iteration that begins and that ends. */
function countRunning<T>(results: AsyncIterable<T>, count: (change: 1 | -1) => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = results[Symbol.asyncIterator]()
      let isOver = false
      const over = (): void => {
        if (!isOver) count(-1)
        isOver = true
      }
      count(1)
      return {
        next: async () => {
          const result = await iterator.next()
          if (result.done === true) over()
          return result
        },
        return: async () => {
          await iterator.return?.()
          over()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
