import { once } from 'node:events'
import { connect } from 'node:net'

/** A connection to an HTTP server that takes one request after the other. It costs the client less than `fetch`, which would be measured otherwise. */
export interface KeptConnection {
  /** @throws when the connection ends before the answer */
  ask(request: Uint8Array): Promise<Answer>
  close(): void
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** As JSON. */
  readonly body?: unknown
}

export async function keepConnection(url: string): Promise<KeptConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let received: Buffer = Buffer.alloc(0)
  let waiting = Promise.withResolvers<Answer>()
  socket.on('data', (piece: Buffer) => {
    received = received.length === 0 ? piece : Buffer.concat([received, piece])
    const answer = readAnswer(received)
    if (answer === undefined) return
    received = Buffer.alloc(0)
    waiting.resolve(answer)
  })
  socket.on('error', (error) => waiting.reject(error))
  socket.on('close', () => waiting.reject(new Error('the server has closed the connection')))
  // Nobody waits when it is closed between two requests.
  waiting.promise.catch(() => {})
  return {
    ask: (request) => {
      waiting = Promise.withResolvers()
      socket.write(request)
      return waiting.promise
    },
    close: () => socket.destroy(),
  }
}

/** The bytes of a request. */
export function requestBytes({ method, path, body }: Asked): Uint8Array {
  const text = body === undefined ? '' : JSON.stringify(body)
  const length = body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${length}\r\n${text}`)
}

/** The answer, once all of it is there. */
function readAnswer(bytes: Buffer): Answer | undefined {
  const endOfHead = bytes.indexOf('\r\n\r\n')
  if (endOfHead < 0) return undefined
  const head = bytes.toString('latin1', 0, endOfHead)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${head}`)
  const body = bytes.subarray(endOfHead + 4)
  return body.length < Number(length) ? undefined : { status: Number(head.slice(9, 12)), body: body.toString() }
}
