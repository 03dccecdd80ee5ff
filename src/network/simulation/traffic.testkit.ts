import { SYNC_MESSAGES, SYNC_PROTOCOL } from '../messages.ts'

/** What is said on all streams together, and the most that was kept anywhere. */
export interface Traffic {
  /** A stream has sent something, of which now so many bytes wait or are under way. */
  sent(protocol: string, data: Uint8Array, held: number): void
  opened(): void
  gossiped(): void
  timers(count: number): void
  /** Messages of the sync protocol so far, by name. */
  readonly messages: ReadonlyMap<string, number>
  /** Messages of the sync protocol, without those that only ask whether somebody is there. */
  readonly said: number
  readonly bytes: number
  /** Sync streams that were opened. */
  readonly streams: number
  readonly gossip: number
  readonly mostHeld: number
  readonly mostTimers: number
}

/** Behind the length of a frame stands the number of its message. */
const NUMBER_AT = 4

export function createTraffic(): Traffic {
  const names = new Map(Object.entries(SYNC_MESSAGES).map(([name, { id }]) => [id, name]))
  const messages = new Map<string, number>()
  let said = 0
  let bytes = 0
  let streams = 0
  let gossip = 0
  let mostHeld = 0
  let mostTimers = 0
  return {
    messages,
    sent: (protocol, data, held) => {
      bytes += data.length
      mostHeld = Math.max(mostHeld, held)
      if (protocol !== SYNC_PROTOCOL) return
      const name = names.get(data[NUMBER_AT] ?? 0) ?? 'unknown'
      messages.set(name, (messages.get(name) ?? 0) + 1)
      if (name !== 'ping' && name !== 'pong') said += 1
    },
    opened: () => {
      streams += 1
    },
    gossiped: () => {
      gossip += 1
    },
    timers: (count) => {
      mostTimers = Math.max(mostTimers, count)
    },
    get said() {
      return said
    },
    get bytes() {
      return bytes
    },
    get streams() {
      return streams
    },
    get gossip() {
      return gossip
    },
    get mostHeld() {
      return mostHeld
    },
    get mostTimers() {
      return mostTimers
    },
  }
}
