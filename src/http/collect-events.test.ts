import { describe, expect, it } from 'vitest'

import { openTestNode } from '../database/database.testkit.ts'
import { createListeners, type Listeners } from '../util/listeners.ts'
import { collectEvents } from './collect-events.ts'
import { createEventHub, type EventHub, type HeardEvent } from './event-hub.ts'
import { MAX_WAITING_EVENTS } from './limits.ts'

interface ToldHub extends EventHub {
  readonly listeners: Listeners<HeardEvent>
  count(): number
}

function aToldHub(): ToldHub {
  const listeners = createListeners<HeardEvent>()
  let count = 0
  return {
    listeners,
    count: () => count,
    listen: (_database, listener) => {
      const stop = listeners.add(listener)
      count++
      return () => {
        count--
        stop()
      }
    },
  }
}

describe('the stream of events', () => {
  it('tells a slow reader how many it has missed, before the oldest that are kept', async () => {
    const { db } = await openTestNode('type Note { n: Int }')
    const hub = aToldHub()
    const leaving = new AbortController()
    const events = collectEvents(hub, db, ['update'], leaving.signal)
    const first = events.next()
    for (let number = 0; number < MAX_WAITING_EVENTS + 4; number++) hub.listeners.tell({ event: 'update', data: number })
    expect(await first).toEqual({ done: false, value: { event: 'left-out', data: { count: 4 } } })
    expect(await events.next()).toEqual({ done: false, value: { event: 'update', data: 4 } })
    // Told once; others are not counted.
    hub.listeners.tell({ event: 'merge', data: 'x' })
    expect(await events.next()).toEqual({ done: false, value: { event: 'update', data: 5 } })
    leaving.abort()
    await events.return()
    expect(hub.count()).toBe(0)
    await db.close()
  })

  it('gives what has come before it ends with the database', async () => {
    const { db } = await openTestNode('type Note { n: Int }')
    const hub = createEventHub()
    const events = collectEvents(hub, db, ['update', 'close'], new AbortController().signal)
    const first = events.next()
    await db.collection('Note').create([{ n: 1 }, { n: 2 }])
    await db.close()
    const rest = [await first, await events.next(), await events.next(), await events.next()]
    expect(rest.map(({ value, done }) => (done === true ? 'end' : value?.event))).toEqual(['update', 'update', 'close', 'end'])
  })
})
