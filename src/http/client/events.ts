import type { DatabaseEvents } from '../../database/database.ts'
import { pause, systemClock } from '../../util/clock.ts'
import { createEmitter, type TypedEventTarget } from '../../util/typed-event-target.ts'
import type { Connection } from './connection.ts'

/** How long until a broken stream is asked for again. */
const RECONNECT_AFTER = 1000

/** The events of the node, from the first listener on. What happens while the stream is broken is missed. */
export function remoteEvents(connection: Connection, onEvents?: (isOpen: boolean) => void): TypedEventTarget<DatabaseEvents> {
  const { target, emit } = createEmitter<DatabaseEvents>()
  let isListening = false

  async function listen(): Promise<void> {
    while (!connection.signal.aborted) {
      try {
        for await (const { event, data } of connection.events('GET', ['events'], { onOpen: () => onEvents?.(true) })) {
          // The server sends what its own events are, under their names; names of a newer one reach nobody.
          if (event !== undefined) emit(event as keyof DatabaseEvents, data as DatabaseEvents[keyof DatabaseEvents])
        }
      } catch {
        // The node is away or starts anew: asked again below.
      }
      onEvents?.(false)
      await pause(systemClock, RECONNECT_AFTER, connection.signal)
    }
    emit('close', { reason: 'closed' })
  }

  return {
    addEventListener: (name, listener, options) => {
      target.addEventListener(name, listener, options)
      if (isListening) return
      isListening = true
      void listen()
    },
    removeEventListener: target.removeEventListener,
  }
}
