import { useId, useState, type ReactNode } from 'react'

import { messageOf, type Database } from '../../index.browser.ts'
import { Dialog } from '../dialog.tsx'
import { sentence } from '../sentence.ts'

const EXAMPLE = `type Book {
  title: String
  pages: Int
  tags: [String!]
}`

interface NewCollectionProps {
  readonly db: Database
  /** Tells the name of the collection that was added, or nothing when none was. */
  readonly close: (added?: string) => void
}

/** Asks for the SDL of a collection and adds it. */
export function NewCollection({ db, close }: NewCollectionProps): ReactNode {
  const [sdl, setSdl] = useState(EXAMPLE)
  const [failure, setFailure] = useState<string>()
  const sdlId = useId()
  const add = async (): Promise<void> => {
    try {
      const [first] = await db.schema.add(sdl)
      close(first?.name)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <Dialog title="New collection" close={() => close()} submit={() => void add()} action="Add collection">
      <label htmlFor={sdlId}>A type in GraphQL’s schema language</label>
      <textarea
        id={sdlId}
        className="code"
        data-testid="schema-input"
        rows={8}
        spellCheck={false}
        value={sdl}
        onChange={({ target }) => setSdl(target.value)}
      />
      {failure !== undefined && (
        <p className="wrong" role="alert" data-testid="schema-error">
          {sentence(failure)}
        </p>
      )}
      <p className="hint">Nodes share the documents of a collection when both have the same type. Nodes opened from here have it.</p>
    </Dialog>
  )
}
