import type { Connection } from '@libp2p/interface'

import { linkOf } from './addresses.ts'

/** Whether nobody is in between. */
export function isDirect({ remoteAddr }: Connection): boolean {
  return linkOf(remoteAddr) !== 'relayed'
}

/** For sorting: the oldest first. */
export function byAge(a: Connection, b: Connection): number {
  return a.timeline.open - b.timeline.open
}

/** Whether `a` was there when `b` came. */
export function isOlder(a: Connection, b: Connection): boolean {
  return a.timeline.open <= b.timeline.open
}

/** Closes a connection properly, or at once where that fails. */
export async function closeConnection(connection: Connection): Promise<void> {
  try {
    await connection.close()
  } catch (error) {
    connection.abort(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Resolves when a connection is not open any more. */
export function untilClosed(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    if (connection.status === 'open') connection.addEventListener('close', () => resolve())
    else resolve()
  })
}
