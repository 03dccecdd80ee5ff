import type { Chance } from './chance.testkit.ts'
import type { VirtualTime } from './virtual-time.testkit.ts'

/** The ways between machines. Each leads in one direction, and can be cut without anybody being told. */
export interface Internet {
  /** How long something small takes now. */
  delay(from: number, to: number): number
  isUp(from: number, to: number): boolean
  cut(from: number, to: number): void
  mend(from: number, to: number): void
  /** From now on everything takes so many times longer. */
  slow(factor: number): void
  /** A way on which everything arrives in order, as on one TCP connection: what is under way when the way is cut waits, and goes on when it is mended. */
  lane(from: number, to: number): Lane
  /** Something that may be lost, come twice, and come after what was sent later. */
  datagram(from: number, to: number, arrive: () => void): void
  /** Something small that is lost when the way is cut, and that nobody sends again. */
  once(from: number, to: number, arrive: () => void): void
}

export interface Lane {
  send(bytes: number, arrive: () => void): void
  /** Throws away what is under way. */
  drop(): void
}

/** What the ways are like, each of a simulation alike. */
export interface Weather {
  /** Milliseconds one way, at least and at most. */
  readonly delay: readonly [number, number]
  /** Bytes in a millisecond; none where there is no bound. */
  readonly bandwidth: number | undefined
  /** Share of datagrams. */
  readonly loss: number
  readonly duplication: number
}

/** A sender tries again after about this time. */
const RETRANSMISSION = 200
/** A datagram that is late is this many delays late, at most. */
const LATEST = 20

export function createInternet(time: VirtualTime, chance: Chance, weather: Weather): Internet {
  const cuts = new Map<string, (() => void)[]>()
  /** When what was sent last has left, by way. */
  const busyUntil = new Map<string, number>()
  let slowness = 1

  const wayOf = (from: number, to: number): string => `${from} ${to}`
  const isUp = (from: number, to: number): boolean => !cuts.has(wayOf(from, to))
  const delay = (): number => slowness * chance.between(...weather.delay)

  /** When something of this size, sent now, has left. */
  function departure(from: number, to: number, bytes: number): number {
    if (weather.bandwidth === undefined) return time.now
    const way = wayOf(from, to)
    const left = Math.max(time.now, busyUntil.get(way) ?? 0) + bytes / weather.bandwidth
    busyUntil.set(way, left)
    return left
  }

  function lane(from: number, to: number): Lane {
    const queue: { readonly at: number; readonly arrive: () => void }[] = []
    let latest = 0
    let isMoving = false

    function move(): void {
      const [first] = queue
      isMoving = first !== undefined
      if (first === undefined) return
      time.after(first.at - time.now, () => {
        const waiting = cuts.get(wayOf(from, to))
        if (waiting !== undefined) {
          waiting.push(() => time.after(chance.between(0, RETRANSMISSION), move))
          return
        }
        // Unless it was dropped.
        if (queue[0] === first) queue.shift()
        else return move()
        first.arrive()
        move()
      })
    }

    return {
      send: (bytes, arrive) => {
        latest = Math.max(latest, departure(from, to, bytes) + delay())
        queue.push({ at: latest, arrive })
        if (!isMoving) move()
      },
      drop: () => {
        queue.length = 0
      },
    }
  }

  function once(from: number, to: number, arrive: () => void): void {
    time.after(delay(), () => {
      if (isUp(from, to)) arrive()
    })
  }

  return {
    delay,
    isUp,
    lane,
    once,
    cut: (from, to) => {
      if (isUp(from, to)) cuts.set(wayOf(from, to), [])
    },
    mend: (from, to) => {
      const waiting = cuts.get(wayOf(from, to)) ?? []
      cuts.delete(wayOf(from, to))
      for (const goOn of waiting) goOn()
    },
    slow: (factor) => {
      slowness = factor
    },
    datagram: (from, to, arrive) => {
      const copies = chance.happens(weather.loss) ? 0 : chance.happens(weather.duplication) ? 2 : 1
      for (let copy = 0; copy < copies; copy++) {
        const late = chance.happens(0.2) ? delay() * chance.between(0, LATEST) : 0
        time.after(late, () => once(from, to, arrive))
      }
    },
  }
}
