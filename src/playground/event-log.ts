import type { Database, DatabaseEvents } from '../index.browser.ts'
import { onFrame } from './frame.ts'
import { LINK_WORDS, RELAY_WORDS } from './network/links.ts'
import { createWatched, type Watched } from './watched.ts'

/** Older entries are forgotten. */
const MOST_ENTRIES = 100

/** The same thing again within this time counts up the entry that is there. */
const SAME_ENTRY_MS = 1500

export interface LogEntry {
  readonly serial: number
  /** Milliseconds since the epoch, of the latest event. */
  readonly at: number
  readonly event: EventName
  readonly peer?: string
  readonly text: string
  /** How many events the entry stands for. */
  readonly count: number
}

type EventName = keyof DatabaseEvents & string

export interface EventLog extends Watched<readonly LogEntry[]> {
  close(): void
}

interface Told {
  readonly peer?: string
  /** After the name of the peer, if there is one. `count` is 1 or more. */
  readonly text: (count: number) => string
  /** Events with the same key, one after another, are one entry. */
  readonly key: string
}

/** What is told of each event; undefined for nothing. */
const TELL: { readonly [Name in EventName]: (detail: DatabaseEvents[Name]) => Told | undefined } = {
  update: ({ collection }) => ({ key: collection, text: (count) => `wrote ${changes(count)} in ${collection}` }),
  merge: ({ collection, peer }) => ({
    key: `${collection} ${peer ?? ''}`,
    ...of(peer),
    text: (count) => `${peer === undefined ? 'merged' : 'sent'} ${changes(count)} in ${collection}`,
  }),
  'index:violation': ({ collection, index }) => ({
    key: `${collection} ${index}`,
    text: (count) => `merged what is not unique${times(count)}: index ${index} of ${collection}`,
  }),
  schema: ({ collections }) => ({ key: collections.join(' '), text: () => `collections: ${collections.join(', ')}` }),
  'peer:connect': ({ id, link }) => ({ key: id, peer: id, text: () => `connected ${LINK_WORDS[link].long}` }),
  'peer:change': () => undefined,
  'peer:disconnect': ({ id, reason }) => ({ key: id, peer: id, text: () => (reason === undefined ? 'left' : `left: ${reason}`) }),
  'relay:change': ({ state, lastError }) => ({
    key: state,
    text: () => (state === 'waiting' && lastError !== undefined ? `${RELAY_WORDS.waiting}: ${lastError}` : RELAY_WORDS[state]),
  }),
  'sync:progress': () => undefined,
  'peer:dropped': ({ id, reason }) => ({
    key: `${id} ${reason}`,
    peer: id,
    text: (count) => `sent what was dropped${times(count)}: ${reason}`,
  }),
  'peer:refused': ({ id, reason }) => ({ key: `${id} refused`, peer: id, text: () => `is kept off for a while: ${reason}` }),
  'replicator:change': ({ id, status, problem }) => ({
    key: `${id} ${status} ${problem ?? ''}`,
    peer: id,
    text: () => (problem === undefined ? `is replicated to: ${status}` : `cannot be replicated to: ${problem}`),
  }),
  'storage:pressure': () => ({ key: '', text: () => 'storage is nearly full: delete documents, or free space on the disk' }),
  close: ({ reason }) => ({
    key: '',
    text: () => (reason === 'failed' ? 'the database failed: reload the page' : 'the database was closed'),
  }),
}

/** The last events of the database, the newest first. A burst of events is one entry. */
export function openEventLog(db: Database): EventLog {
  const log = createWatched<readonly LogEntry[]>([])
  const ending = new AbortController()
  let entries: readonly LogEntry[] = []
  let latestKey = ''
  let serial = 0
  const show = onFrame(
    () => log.set(entries),
    () => undefined,
  )

  function note(event: EventName, told: Told | undefined): void {
    if (told === undefined) return
    const at = Date.now()
    const key = `${event} ${told.key}`
    const [latest] = entries
    const isSame = latest !== undefined && key === latestKey && at - latest.at < SAME_ENTRY_MS
    const count = isSame ? latest.count + 1 : 1
    if (!isSame) serial += 1
    latestKey = key
    const entry: LogEntry = { serial, at, event, count, text: told.text(count), ...of(told.peer) }
    entries = [entry, ...(isSame ? entries.slice(1) : entries.slice(0, MOST_ENTRIES - 1))]
    show.request()
  }
  const listen = <Name extends EventName>(name: Name): void => {
    db.events.addEventListener(name, ({ detail }) => note(name, TELL[name](detail)), { signal: ending.signal })
  }

  for (const name of EVENT_NAMES) listen(name)
  return {
    ...log,
    close: () => {
      ending.abort()
      show.close()
    },
  }
}

const EVENT_NAMES: readonly EventName[] = [
  'update',
  'merge',
  'index:violation',
  'schema',
  'peer:connect',
  'peer:disconnect',
  'relay:change',
  'peer:dropped',
  'storage:pressure',
  'close',
]

function of(peer: string | undefined): { readonly peer?: string } {
  return peer === undefined ? {} : { peer }
}

function changes(count: number): string {
  return count === 1 ? 'a change' : `${count.toLocaleString()} changes`
}

function times(count: number): string {
  return count === 1 ? '' : ` ${count} times`
}
