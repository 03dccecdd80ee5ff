import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

import type { Lane } from './internet.testkit.ts'
import { named, SimulatedStream } from './simulated-stream.testkit.ts'
import { checksum } from './trace.testkit.ts'
import type { Endpoint, World } from './world.testkit.ts'

/** A stream as the list of a connection shows it. */
export interface ListedStream {
  readonly direction: 'inbound' | 'outbound'
  readonly protocol: string
  readonly status: string
}

/** Who is at the other end. */
export interface Remote {
  readonly index: number
  readonly peerId: PeerId
  readonly address: Multiaddr
}

/** What closing may take, as in libp2p. */
const CLOSE_TIMEOUT = 1000
/** The number of the lane for what belongs to no stream. */
const NO_STREAM = 0
/** Bytes that opening a stream takes. */
const OPENING_BYTES = 60

/**
 * One end of a connection. Each of its streams is a way of its own, so they overtake each other. When the way between the machines is cut, neither end is told: what is
 * under way waits. An end that is not there any more answers with a reset, if its machine is on and the way back is open.
 */
export class SimulatedConnection extends EventTarget {
  readonly id: number
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
  readonly direction: 'inbound' | 'outbound'
  readonly timeline: { readonly open: number }
  readonly endpoint: Endpoint
  status: 'pending' | 'open' | 'closing' | 'closed' | 'aborted' | 'reset' = 'pending'
  readonly #world: World
  readonly #remote: Remote
  readonly #streams = new Map<number, SimulatedStream>()
  readonly #listed = new Set<ListedStream>()
  /** By the number of a stream. */
  readonly #lanes = new Map<number, Lane>()
  /** What has come before the connection was open here. */
  #early: (() => void)[] = []
  #other: SimulatedConnection | undefined

  constructor(world: World, endpoint: Endpoint, id: number, direction: 'inbound' | 'outbound', remote: Remote) {
    super()
    this.#world = world
    this.#remote = remote
    this.endpoint = endpoint
    this.id = id
    this.direction = direction
    this.remotePeer = remote.peerId
    this.remoteAddr = remote.address
    this.timeline = { open: endpoint.life.clock.date() }
  }

  get streams(): readonly ListedStream[] {
    return [...this.#streams.values(), ...this.#listed]
  }

  get other(): SimulatedConnection {
    if (this.#other === undefined) throw new Error('a connection has only one end')
    return this.#other
  }

  get isOver(): boolean {
    return this.status === 'closed' || this.status === 'aborted' || this.status === 'reset' || !this.endpoint.life.isAlive
  }

  /** Makes two ends one connection. */
  join(other: SimulatedConnection): void {
    this.#other = other
    other.#other = this
  }

  /** The process has it from now on. */
  open(): void {
    this.status = 'open'
    this.endpoint.connections.add(this)
    this.endpoint.onConnection(this, 'open')
    for (const arrive of this.#early) this.endpoint.life.after(0, arrive)
    this.#early = []
  }

  /** Shows a stream of somebody else among those of the connection, for as long as it is open. */
  list(stream: ListedStream): void {
    this.#listed.add(stream)
  }

  async newStream(protocol: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<SimulatedStream> {
    if (this.status !== 'open') throw named('ConnectionClosedError', `The connection is "${this.status}" and not "open"`)
    const { chance, habits } = this.#world
    const stream = this.#addStream(this.#world.nextId(), protocol, 'outbound')
    const { promise, resolve, reject } = Promise.withResolvers<SimulatedStream>()
    const onAbort = (): void => {
      reject(named('AbortError', 'The operation was aborted'))
      stream.abort(named('AbortError', 'The operation was aborted'))
    }
    const onClose = (): void => reject(named('StreamResetError', 'The stream has been reset'))
    const stopListening = this.endpoint.life.listen(signal, onAbort)
    stream.addEventListener('close', onClose)
    const isStuck = chance.happens(habits.stuckStreams)
    this.#carry(stream.id, OPENING_BYTES, (other) => {
      if (!isStuck) other.#accept(stream.id, protocol, (refusal) => (refusal === undefined ? resolve(stream) : reject(refusal)))
    })
    try {
      return await promise
    } finally {
      stopListening()
      stream.removeEventListener('close', onClose)
    }
  }

  async close(): Promise<void> {
    if (this.status !== 'open') return
    this.status = 'closing'
    const late = new AbortController()
    const callOff = this.endpoint.life.after(CLOSE_TIMEOUT, () => late.abort(named('TimeoutError', 'The operation timed out')))
    try {
      await Promise.all([...this.#streams.values()].map((stream) => stream.close({ signal: late.signal })))
    } finally {
      callOff()
    }
    if (this.isOver) return
    this.#carryLast((other) => other.end('closed'))
    this.end('closed')
  }

  abort(_error: Error): void {
    if (this.isOver) return
    this.#drop()
    this.#resetOther()
    this.end('aborted')
  }

  /** It is over here: its streams are, and whoever uses it is told. */
  end(status: 'closed' | 'aborted' | 'reset'): void {
    if (this.isOver) return
    const wasPending = this.status === 'pending'
    for (const stream of this.#streams.values()) stream.end(status)
    this.status = status
    if (wasPending) return
    this.endpoint.connections.delete(this)
    this.dispatchEvent(new Event('close'))
    this.endpoint.onConnection(this, 'close')
  }

  /** Breaks for both ends at once, and all that is under way is lost. */
  break(): void {
    for (const end of [this, this.other]) {
      end.#drop()
      end.endpoint.life.run(() => end.end('reset'))
    }
  }

  /** The process at this end is gone. The other end hears of it at once when the machine says so, else when it asks a machine that is on. */
  vanish(isAnnounced: boolean): void {
    this.#drop()
    this.status = 'aborted'
    if (isAnnounced) this.#resetOther()
  }

  /** The other end wants a stream. `answer` tells it whether it has one now. */
  #accept(id: number, protocol: string, answer: (refusal: Error | undefined) => void): void {
    const handled = this.endpoint.handlers.get(protocol)
    const inbound = this.streams.filter((stream) => stream.direction === 'inbound' && stream.protocol === protocol)
    if (handled === undefined || inbound.length >= handled.mostInbound) {
      const name = handled === undefined ? 'UnsupportedProtocolError' : 'StreamResetError'
      this.#carry(id, OPENING_BYTES, (other) => {
        answer(named(name, `"${protocol}" is not taken`))
        other.#streams.get(id)?.end('reset')
      })
      return
    }
    const stream = this.#addStream(id, protocol, 'inbound')
    this.#world.traffic.opened()
    this.#carry(id, OPENING_BYTES, () => answer(undefined))
    handled.handler(stream, this)
  }

  #addStream(id: number, protocol: string, direction: 'inbound' | 'outbound'): SimulatedStream {
    const { habits, traffic, trace } = this.#world
    const stream = new SimulatedStream({
      id,
      protocol,
      direction,
      window: habits.window,
      carrier: {
        carry: (bytes, arrive) => {
          const take = (other: SimulatedConnection): void => {
            const end = other.#streams.get(id)
            if (end !== undefined) arrive(end)
          }
          this.#carry(id, bytes, take, () => stream.onTaken(bytes))
        },
        drop: () => this.#lanes.get(id)?.drop(),
        sent: (data, held) => {
          traffic.sent(protocol, data, held)
          trace.note('send', this.endpoint.index, this.#remote.index, id, data[4] ?? 0, data.length, checksum(data))
        },
        onClosed: () => this.#streams.delete(id),
      },
    })
    this.#streams.set(id, stream)
    return stream
  }

  /** Brings something to the other end on the lane of a stream. `taken` is called when the other machine has it, even if its process sleeps. */
  #carry(id: number, bytes: number, arrive: (other: SimulatedConnection) => void, taken: () => void = () => {}): void {
    this.#laneOf(id).send(bytes, () => {
      const { internet } = this.#world
      const { other } = this
      if (other.isOver) return this.#unanswered()
      const acknowledge = (): void => this.endpoint.life.run(taken)
      // While the way back is cut, nobody knows what has arrived.
      if (internet.isUp(this.#remote.index, this.endpoint.index)) acknowledge()
      else internet.lane(this.#remote.index, this.endpoint.index).send(0, acknowledge)
      if (other.status === 'pending') other.#early.push(() => arrive(other))
      else other.endpoint.life.run(() => arrive(other))
    })
  }

  /** The same, behind everything that is under way on any stream. */
  #carryLast(arrive: (other: SimulatedConnection) => void): void {
    this.#laneOf(NO_STREAM)
    let left = this.#lanes.size
    for (const id of this.#lanes.keys()) {
      this.#carry(id, 0, (other) => {
        left -= 1
        if (left === 0) arrive(other)
      })
    }
  }

  #laneOf(id: number): Lane {
    const known = this.#lanes.get(id)
    if (known !== undefined) return known
    const lane = this.#world.internet.lane(this.endpoint.index, this.#remote.index)
    this.#lanes.set(id, lane)
    return lane
  }

  #drop(): void {
    for (const lane of this.#lanes.values()) lane.drop()
  }

  #resetOther(): void {
    const { other } = this
    this.#world.internet.once(this.endpoint.index, this.#remote.index, () => other.endpoint.life.run(() => other.end('reset')))
  }

  /** Nobody is at the other end any more. */
  #unanswered(): void {
    const { internet, machines } = this.#world
    if (machines[this.#remote.index]?.isOn !== true) return
    internet.once(this.#remote.index, this.endpoint.index, () => this.endpoint.life.run(() => this.end('reset')))
  }
}
