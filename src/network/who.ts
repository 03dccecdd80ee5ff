import type { Stream } from '@libp2p/interface'

import { messageOf } from '../errors.ts'
import { every, type Clock } from '../util/clock.ts'
import { openFrames } from './frames.ts'
import { DOUBT_TIMEOUT, MAX_WHO_FRAME_BYTES, MAX_WHO_WAITING_BYTES, WHO_PING_INTERVAL } from './limits.ts'
import { decodeMessage, encodeMessage, WHO_MESSAGES, type Presence, type Welcome, type WhoMessage } from './messages.ts'

/** A node's side of the who-protocol: one stream to one relay. */
export interface WhoClient {
  /** Says what the node is interested in; replaces what it said before. */
  join(topics: readonly Uint8Array[]): void
  /** Closes unless the relay answers soon: the machine was asleep, or changed its network. */
  doubt(): void
  close(): void
}

export interface WhoClientOptions {
  readonly session: Uint8Array
  readonly clock: Clock
  readonly onPresent: (peers: readonly Presence[]) => void
  readonly onGone: (peers: readonly Presence[]) => void
  readonly onWelcome: (welcome: Welcome) => void
  /** The relay sent what it may not send. */
  readonly onDropped: (reason: string) => void
  readonly onClose: () => void
}

export function openWho(stream: Stream, options: WhoClientOptions): WhoClient {
  const { clock } = options
  let number = 0
  let isAnswered = true
  let stopDoubting: (() => void) | undefined

  function onFrame(frame: Uint8Array): void {
    isAnswered = true
    stopDoubting?.()
    let message: WhoMessage
    try {
      message = decodeMessage(WHO_MESSAGES, frame)
    } catch (error) {
      return options.onDropped(messageOf(error))
    }
    switch (message.type) {
      case 'present':
        return options.onPresent(message.peers)
      case 'gone':
        return options.onGone(message.peers)
      case 'welcome':
        return options.onWelcome(message)
      case 'pong':
        return
      case 'join':
      case 'ping':
        return options.onDropped(`a relay sends no "${message.type}"`)
      default:
        message satisfies never
    }
  }

  function ping(): void {
    // The last one is still open: the relay is gone, or the way to it.
    if (!isAnswered) return frames.abort(new Error('the relay does not answer'))
    isAnswered = false
    number += 1
    frames.send(encodeMessage(WHO_MESSAGES, { type: 'ping', number }))
  }

  const frames = openFrames(stream, {
    most: MAX_WHO_FRAME_BYTES,
    mostWaiting: MAX_WHO_WAITING_BYTES,
    clock,
    onFrame,
    onClose: () => {
      stopPinging()
      stopDoubting?.()
      options.onClose()
    },
    onFault: (error) => options.onDropped(error.message),
  })
  const stopPinging = every(clock, WHO_PING_INTERVAL, ping)

  return {
    join: (topics) => frames.send(encodeMessage(WHO_MESSAGES, { type: 'join', session: options.session, topics })),
    doubt: () => {
      if (isAnswered) ping()
      stopDoubting?.()
      stopDoubting = clock.after(DOUBT_TIMEOUT, () => frames.abort(new Error('the relay does not answer')))
    },
    close: () => frames.close(),
  }
}
