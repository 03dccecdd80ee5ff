import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

import { DatabaseError, messageOf } from '../src/errors.ts'

/** Ports that are tried where any will do and it must be free for TCP and UDP. */
const ATTEMPTS = 20

/** Where somebody wanted to listen, and the option that says so. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly option: string
}

/** A port, free for TCP and, when it is wanted, for UDP on all hosts; asked for before libp2p does, whose error names neither the port nor the reason. */
export async function findPort(hosts: readonly string[], port: number, needsUdp: boolean): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    let found = port
    let host = ''
    try {
      for (host of hosts) {
        found = await tryTcp(host, found)
        if (needsUdp) await tryUdp(host, found)
      }
      return found
    } catch (error) {
      // Free for TCP, and not for UDP: another will be free for both.
      if (port === 0 && codeOf(error) === 'EADDRINUSE' && attempt < ATTEMPTS) continue
      throw portError(error, { host, port: found, option: '--port' })
    }
  }
}

/** What to do about a port that cannot be listened on. */
export function portError(error: unknown, { host, port, option }: Place): DatabaseError {
  if (codeOf(error) === 'EADDRINUSE') {
    const advice = `port ${port} is in use, perhaps by another relay; stop that one or choose another port with ${option}`
    return new DatabaseError('IN_USE', advice, { name: `port ${port}` }, { cause: error })
  }
  const advice = `cannot listen on "${host}" port ${port} (${messageOf(error)}); give an IP address of this machine and a port above 1023`
  return new DatabaseError('INVALID_ARGUMENT', advice, { argument: 'host', value: host }, { cause: error })
}

/** @throws INVALID_ARGUMENT */
export function checkPort(argument: string, port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return
  const advice = `"${port}" is no port; give a number from 0 to 65535, 0 for a free one`
  throw new DatabaseError('INVALID_ARGUMENT', advice, { argument, value: port })
}

function tryTcp(host: string, wanted: number): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port: wanted, ipv6Only: host.includes(':') }, () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : wanted
      server.close(() => resolve(port))
    })
  })
}

function tryUdp(host: string, port: number): Promise<void> {
  const socket = host.includes(':') ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address: host, port }, () => socket.close(() => resolve()))
  })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
