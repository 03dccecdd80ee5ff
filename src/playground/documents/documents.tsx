import { useState, type ReactNode } from 'react'

import type { CollectionVersion, Database } from '../../index.browser.ts'
import { DocumentTable } from './document-table.tsx'
import { NewCollection } from './new-collection.tsx'

interface DocumentsProps {
  readonly db: Database
  readonly collections: readonly CollectionVersion[]
  /** Absent where there is none. */
  readonly current: CollectionVersion | undefined
  readonly choose: (name: string) => void
  /** How often changes may have been missed. */
  readonly returns: number
}

/** The collections of this node, and the documents of the chosen one. */
export function Documents({ db, collections, current, choose, returns }: DocumentsProps): ReactNode {
  const [isAdding, setAdding] = useState(false)
  return (
    <section className="card" aria-labelledby="documents-title">
      <header>
        <h2 id="documents-title">Documents</h2>
        <nav className="tabs" aria-label="Collections">
          {collections.map(({ name }) => (
            <button
              key={name}
              type="button"
              data-testid="collection"
              data-name={name}
              aria-current={name === current?.name}
              onClick={() => choose(name)}
            >
              {name}
            </button>
          ))}
          <button type="button" className="quiet" data-testid="new-collection" onClick={() => setAdding(true)}>
            + Collection
          </button>
        </nav>
      </header>
      {current === undefined ? (
        <p className="hint">This node has no collections yet. Add one to begin.</p>
      ) : (
        <DocumentTable key={current.versionId} db={db} collection={current} returns={returns} />
      )}
      {isAdding && (
        <NewCollection
          db={db}
          close={(added) => {
            setAdding(false)
            if (added !== undefined) choose(added)
          }}
        />
      )}
    </section>
  )
}
