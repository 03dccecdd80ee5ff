import { memo, type ReactNode } from 'react'

import type { LogEntry } from './event-log.ts'
import { PeerName } from './peer-name.tsx'

/** The log as a list, the newest first. */
export function EventList({ entries }: { readonly entries: readonly LogEntry[] }): ReactNode {
  return (
    <section className="card" aria-labelledby="events-title">
      <header>
        <h2 id="events-title">Events</h2>
      </header>
      {entries.length === 0 ? (
        <p className="hint">What happens is told here.</p>
      ) : (
        <ol className="events" data-testid="events" tabIndex={0} aria-labelledby="events-title">
          {entries.map((entry) => (
            <EventLine key={entry.serial} entry={entry} />
          ))}
        </ol>
      )}
    </section>
  )
}

const EventLine = memo(function EventLine({ entry }: { readonly entry: LogEntry }): ReactNode {
  return (
    <li data-event={entry.event}>
      <time dateTime={new Date(entry.at).toISOString()}>{new Date(entry.at).toLocaleTimeString([], { hour12: false })}</time>
      <span>
        {entry.peer !== undefined && <PeerName id={entry.peer} />} {entry.text}
      </span>
    </li>
  )
})
