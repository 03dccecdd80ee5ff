import type { Stream } from '@libp2p/interface'

import { messageOf } from '../errors.ts'
import { every, type Clock } from '../util/clock.ts'
import { openFrames, type FrameBudget } from './frames.ts'
import { DOUBT_TIMEOUT, HELLO_TIMEOUT, MAX_FRAME_BYTES, MAX_WAITING_BYTES, PING_INTERVAL, SILENCE_TIMEOUT } from './limits.ts'
import { createMessageBudget } from './message-budget.ts'
import { decodeMessage, encodeMessage, SYNC_MESSAGES, type SyncMessage } from './messages.ts'
import type { Offence } from './offences.ts'

/** Messages of the sync protocol over one stream, and whether the other end is alive. */
export interface SyncChannel {
  /** Sends a message, or nothing when the channel is closed. Returns the bytes it has. */
  send(message: SyncMessage): number
  /** Resolves when the transport takes more, or the channel is closed. */
  drained(): Promise<void>
  readonly isOpen: boolean
  /** Milliseconds of the last ping, once there was one. */
  readonly roundTrip: number | undefined
  /** Counts as silent unless the peer answers soon. */
  doubt(): void
  close(): void
}

export interface SyncChannelOptions {
  readonly budget: FrameBudget
  readonly clock: Clock
  /** Called for each message but pings; `bytes` is what it had. */
  readonly onMessage: (message: SyncMessage, bytes: number) => void
  readonly onRoundTrip: () => void
  /** The peer is gone without a word. The channel is closed; the connection should be given up too. */
  readonly onSilent: () => void
  readonly onClose: () => void
  readonly onOffence: (offence: Offence, reason: string) => void
}

/** A timer that fires this many intervals late fires after a sleep of the machine or page, when messages may wait unread behind it. */
const ASLEEP_AFTER: number = 3 * PING_INTERVAL

export function openSyncChannel(stream: Stream, options: SyncChannelOptions): SyncChannel {
  const { clock } = options
  const opened = clock.now()
  const messages = createMessageBudget(clock)
  let heardAt = opened
  let tickedAt = opened
  let hasHello = false
  let pingNumber = 0
  let pingedAt = 0
  let roundTrip: number | undefined
  let stopDoubting: (() => void) | undefined

  function onFrame(frame: Uint8Array): void {
    heardAt = clock.now()
    stopDoubting?.()
    let message: SyncMessage
    try {
      message = decodeMessage(SYNC_MESSAGES, frame)
    } catch (error) {
      return options.onOffence('garbage', messageOf(error))
    }
    if ((message.type === 'hello') === hasHello) {
      return options.onOffence('garbage', hasHello ? 'a second hello' : `"${message.type}" before the hello`)
    }
    if (!messages.take(message.type, frame.length)) return options.onOffence('flood', 'it says more than a peer may')
    if (!hasHello) ping()
    hasHello = true
    if (message.type === 'ping') send({ type: 'pong', number: message.number })
    else if (message.type === 'pong') onPong(message.number)
    else options.onMessage(message, frame.length)
  }

  function onPong(number: number): void {
    if (number !== pingNumber || pingedAt === 0) return // An answer to an earlier one, which has been given up.
    roundTrip = clock.now() - pingedAt
    pingedAt = 0
    options.onRoundTrip()
  }

  function ping(): void {
    pingNumber += 1
    pingedAt = clock.now()
    send({ type: 'ping', number: pingNumber })
  }

  function tick(): void {
    const now = clock.now()
    if (now - tickedAt > ASLEEP_AFTER) heardAt = now
    tickedAt = now
    const quiet = now - heardAt
    if (quiet > SILENCE_TIMEOUT || (!hasHello && now - opened > HELLO_TIMEOUT)) return giveUp()
    if (hasHello && (quiet >= PING_INTERVAL / 2 || roundTrip === undefined)) ping()
  }

  function giveUp(): void {
    frames.abort(new Error('the peer does not answer'))
    options.onSilent()
  }

  function send(message: SyncMessage): number {
    const bytes = encodeMessage(SYNC_MESSAGES, message)
    frames.send(bytes)
    return bytes.length
  }

  const frames = openFrames(stream, {
    most: MAX_FRAME_BYTES,
    mostWaiting: MAX_WAITING_BYTES,
    budget: options.budget,
    clock,
    onFrame,
    onClose: () => {
      stopTicking()
      stopDoubting?.()
      options.onClose()
    },
    onFault: (error) => options.onOffence('flood', error.message),
  })
  const stopTicking = every(clock, PING_INTERVAL, tick)

  return {
    send,
    drained: () => frames.drained(),
    get isOpen() {
      return frames.isOpen
    },
    get roundTrip() {
      return roundTrip
    },
    doubt: () => {
      if (!frames.isOpen) return
      ping()
      stopDoubting?.()
      stopDoubting = clock.after(DOUBT_TIMEOUT, giveUp)
    },
    close: () => frames.close(),
  }
}
