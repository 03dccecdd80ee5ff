import type { Database, DatabaseEvents } from '../database/database.ts'
import { createListeners, type Listeners } from '../util/listeners.ts'

export interface HeardEvent {
  readonly event: keyof DatabaseEvents
  readonly data: unknown
}

/** Hands the events of a database to any number of streams, with one listener on it for each: Node takes more than ten for a leak. */
export interface EventHub {
  /** Returns the function that ends it. */
  listen(database: Database, listener: (heard: HeardEvent) => void): () => void
}

export function createEventHub(): EventHub {
  const listenersByDatabase = new WeakMap<Database, Listeners<HeardEvent>>()

  function listenersOf(database: Database): Listeners<HeardEvent> {
    const known = listenersByDatabase.get(database)
    if (known !== undefined) return known
    const listeners = createListeners<HeardEvent>()
    // Object.keys loses what the record says of its keys.
    for (const event of Object.keys(EVENTS) as readonly (keyof DatabaseEvents)[])
      database.events.addEventListener(event, ({ detail }) => listeners.tell({ event, data: detail }))
    listenersByDatabase.set(database, listeners)
    return listeners
  }

  return { listen: (database, listener) => listenersOf(database).add(listener) }
}

const EVENTS: Readonly<Record<keyof DatabaseEvents, true>> = {
  update: true,
  merge: true,
  'index:violation': true,
  schema: true,
  'peer:connect': true,
  'peer:change': true,
  'peer:disconnect': true,
  'relay:change': true,
  'sync:progress': true,
  'peer:dropped': true,
  'peer:refused': true,
  'replicator:change': true,
  'storage:pressure': true,
  close: true,
}

export const EVENT_NAMES: readonly string[] = Object.keys(EVENTS)
