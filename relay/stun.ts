import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'

import type { Clock } from '../src/util/clock.ts'
import { createAllowance, createAllowances } from './allowance.ts'
import { MAX_STUN_SOURCES, STUN_RATE, STUN_RATE_PER_ADDRESS } from './options.ts'
import { portError } from './ports.ts'
import { answerBinding, parseBindingRequest } from './stun-message.ts'
import type { Tally } from './tally.ts'

/** Tells nodes how the internet sees them, so that two behind different routers can connect directly. */
export interface StunService {
  readonly port: number
  /** Requests that were answered. */
  answered(): number
  close(): Promise<void>
}

export interface StunParts {
  readonly hosts: readonly string[]
  /** 0 takes a free one. */
  readonly port: number
  readonly tally: Tally
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Answers on a UDP port of each host. An answer has 32 or 44 bytes, its request at least 20, and each source has a rate: whoever forges the address of a victim reaches it
 * better without us.
 * @throws IN_USE, INVALID_ARGUMENT
 */
export async function serveStun({ hosts, port: wanted, tally, clock }: StunParts): Promise<StunService> {
  const total = createAllowance(STUN_RATE, clock)
  const bySource = createAllowances(STUN_RATE_PER_ADDRESS, MAX_STUN_SOURCES, clock)
  const sockets: Socket[] = []
  let answered = 0
  let port = wanted

  function onPacket(socket: Socket, packet: Uint8Array, source: RemoteInfo): void {
    const request = parseBindingRequest(packet)
    if (request === undefined) return tally.note('stun-wrong', source.address)
    if (!bySource.of(networkOf(source)).take()) return tally.note('stun-of-address', source.address)
    if (!total.take()) return tally.note('stun-in-all')
    const answer = answerBinding(request, source)
    if (answer === undefined) return
    answered += 1
    // An answer that cannot be sent is as good as one that is lost: the node asks again.
    socket.send(answer, source.port, source.address, () => {})
  }

  async function close(): Promise<void> {
    await Promise.all(sockets.splice(0).map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))))
  }

  try {
    for (const host of hosts) {
      const socket = host.includes(':') ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')
      port = await bind(socket, host, port)
      sockets.push(socket)
      socket.on('message', (packet, source) => onPacket(socket, packet, source))
      socket.on('error', () => {})
    }
  } catch (error) {
    await close()
    throw portError(error, { host: hosts.join(), port, option: '--stun-port' })
  }
  return { port, answered: () => answered, close }
}

function bind(socket: Socket, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address, port }, () => {
      socket.removeAllListeners('error')
      resolve(socket.address().port)
    })
  })
}

/** One household: an IPv4 address, or the first half of an IPv6 one, of which it has 2^64. */
function networkOf({ address, family }: RemoteInfo): string {
  if (family === 'IPv4') return address
  const [head = '', tail = ''] = address.split('::')
  const left = head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
