import type { Multiaddr } from '@multiformats/multiaddr'

import type { Identity } from './identities.testkit.ts'
import { SimulatedConnection } from './simulated-connection.testkit.ts'
import { named } from './simulated-stream.testkit.ts'
import type { Endpoint, World } from './world.testkit.ts'

/** A node's way to connections: one dial for each peer at a time, which later ones join, as in libp2p. */
export interface Dialling {
  dial(target: Multiaddr | readonly Multiaddr[], options?: { readonly signal?: AbortSignal }): Promise<SimulatedConnection>
  stop(): void
}

interface Attempt {
  readonly result: Promise<SimulatedConnection>
  /** Callers who still wait. */
  waiting: number
  fail(error: Error): void
}

/** How a handshake goes. */
interface HandShake {
  readonly isOver: () => boolean
  readonly fail: (error: Error) => void
  /** The other side has the connection; this one does not yet. */
  readonly begun: (connection: SimulatedConnection) => void
  readonly succeed: (connection: SimulatedConnection) => void
}

/** What libp2p gives one address, see `host.ts`. */
const ADDRESS_TIMEOUT = 10_000
/** Nobody has answered: it is said again, as TCP does. */
const SAY_AGAIN = 1000

export function createDialling(world: World, endpoint: Endpoint, identities: readonly Identity[]): Dialling {
  const attempts = new Map<number, Attempt>()
  const { life, index } = endpoint

  async function dial(
    target: Multiaddr | readonly Multiaddr[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<SimulatedConnection> {
    signal?.throwIfAborted()
    const to = indexOf(target)
    const existing = [...endpoint.connections].find((connection) => connection.other.endpoint.index === to && connection.status === 'open')
    if (existing !== undefined) return existing
    const attempt = attempts.get(to) ?? begin(to)
    attempt.waiting += 1
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        attempt.waiting -= 1
        if (attempt.waiting === 0) attempt.fail(named('AbortError', 'The operation was aborted'))
        reject(named('AbortError', 'The operation was aborted'))
      }
      attempt.result.then(resolve, reject).finally(life.listen(signal, onAbort))
    })
  }

  function indexOf(target: Multiaddr | readonly Multiaddr[]): number {
    const [address] = 'getComponents' in target ? [target] : target
    const peer = address?.getComponents().at(-1)?.value
    const found = identities.findIndex((identity) => identity.peer === peer)
    if (found < 0) throw named('DialError', `nobody is at "${address?.toString() ?? ''}"`)
    return found
  }

  function begin(to: number): Attempt {
    const { promise, resolve, reject } = Promise.withResolvers<SimulatedConnection>()
    let isOver = false
    let half: SimulatedConnection | undefined
    const end = (settle: () => void): void => {
      if (isOver) return
      isOver = true
      attempts.delete(to)
      callOff()
      settle()
    }
    const fail = (error: Error): void => {
      end(() => reject(error))
      // The other side may have it already.
      if (half?.status === 'pending') half.vanish(true)
    }
    const attempt: Attempt = { result: promise, waiting: 0, fail }
    const callOff = life.after(ADDRESS_TIMEOUT, () => fail(named('TimeoutError', 'The operation was aborted due to timeout')))
    attempts.set(to, attempt)
    promise.catch(() => {})
    world.trace.note('dial', index, to)
    shakeHands(to, {
      isOver: () => isOver || !life.isAlive,
      fail,
      begun: (connection) => {
        half = connection
      },
      succeed: (connection) => end(() => resolve(connection)),
    })
    return attempt
  }

  /** There, back with keys, there with others: then the other side has a connection, and a way later this one. */
  function shakeHands(to: number, { isOver, fail, begun, succeed }: HandShake): void {
    const peer = identities[to]
    if (peer === undefined || endpoint.isRefused(peer.peerId)) return fail(named('DialDeniedError', 'The dial request is blocked'))
    const say = (a: number, b: number, heard: () => void): void => {
      if (isOver() || world.machines[a]?.isOn !== true) return
      world.time.after(world.internet.delay(a, b), () => {
        if (world.internet.isUp(a, b) && world.machines[b]?.isOn === true) heard()
        else world.time.after(SAY_AGAIN, () => say(a, b, heard))
      })
    }
    const there = (heard: (other: Endpoint) => void): void => {
      const before = world.endpoints.get(to)
      say(index, to, () => {
        const other = world.endpoints.get(to)
        if (other !== undefined && (before === undefined || other === before)) return other.life.run(() => heard(other))
        back(() => fail(named('ConnectionFailedError', before === undefined ? 'connect ECONNREFUSED' : 'read ECONNRESET')))
      })
    }
    const back = (heard: () => void): void => say(to, index, () => life.run(heard))

    there(() =>
      back(() =>
        there((other) => {
          if (other.isRefused(endpoint.peerId)) return back(() => fail(named('EncryptionFailedError', 'The connection was denied')))
          const [theirs, ours] = connectionBetween(other, peer, to)
          begun(ours)
          theirs.open()
          // It was given up while this was under way.
          if (isOver()) return ours.vanish(true)
          back(() => {
            if (ours.isOver) return fail(named('ConnectionFailedError', 'read ECONNRESET'))
            ours.open()
            succeed(ours)
          })
        }),
      ),
    )
  }

  function connectionBetween(
    other: Endpoint,
    peer: Identity,
    to: number,
  ): readonly [there: SimulatedConnection, here: SimulatedConnection] {
    const id = world.nextId()
    const own = identities[index]
    if (own === undefined) throw new RangeError(`there is no identity ${index}`)
    const here = new SimulatedConnection(world, endpoint, id, 'outbound', { index: to, peerId: peer.peerId, address: peer.address })
    const there = new SimulatedConnection(world, other, id, 'inbound', { index, peerId: own.peerId, address: own.address })
    here.join(there)
    return [there, here]
  }

  return {
    dial,
    stop: () => {
      for (const attempt of attempts.values()) attempt.fail(named('AbortError', 'The node is stopped'))
    },
  }
}
