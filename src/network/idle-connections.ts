import type { Connection } from '@libp2p/interface'

import type { Clock } from '../util/clock.ts'

/**
 * Gives up connections of a peer on which no session comes: one whose other end has vanished before there was a session, or that leads through a relay which passes
 * nothing on, looks alive for ever, and keeps both from dialling. Those of a peer that speaks other protocols only are left alone.
 */
export interface IdleConnections {
  /** Looks at the connections that are there now. */
  watch(connections: readonly Connection[]): void
  end(): void
}

export interface IdleConnectionsOptions {
  readonly clock: Pick<Clock, 'after'>
  readonly isIdle: (connection: Connection) => boolean
  /** Whether they are this node's to give up. */
  readonly isOurs: () => boolean
}

/** Longer than two attempts to open a stream, each of them twice, and a hello. */
const IDLE_TIMEOUT = 20_000

export function createIdleConnections({ clock, isIdle, isOurs }: IdleConnectionsOptions): IdleConnections {
  /** With what calls off that they are given up. */
  const watched = new Map<Connection, () => void>()

  function giveUp(connection: Connection): void {
    watched.delete(connection)
    if (isOurs() && isIdle(connection)) connection.abort(new Error('no session has come on it'))
  }

  return {
    watch: (connections) => {
      for (const [connection, callOff] of watched) {
        if (isIdle(connection)) continue
        callOff()
        watched.delete(connection)
      }
      for (const connection of connections) {
        if (watched.has(connection) || !isIdle(connection)) continue
        watched.set(
          connection,
          clock.after(IDLE_TIMEOUT, () => giveUp(connection)),
        )
      }
    },
    end: () => {
      for (const callOff of watched.values()) callOff()
    },
  }
}
