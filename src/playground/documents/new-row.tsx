import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'

import { messageOf, type Document, type DocumentValue } from '../../index.browser.ts'
import { CellNote } from './cell.tsx'
import { cellKind, type ValueField } from './cell-kinds.ts'

interface NewRowProps {
  readonly fields: readonly ValueField[]
  readonly add: (document: Document) => Promise<void>
}

/** The row at the top of the table in which a new document is written. */
export function NewRow({ fields, add }: NewRowProps): ReactNode {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, string>>(new Map())
  const [failure, setFailure] = useState<{ readonly field?: string; readonly message: string }>()
  const row = useRef<HTMLTableRowElement>(null)
  const noteId = useId()

  const submit = async (): Promise<void> => {
    const document: Record<string, DocumentValue> = {}
    for (const field of fields) {
      const kind = cellKind(field)
      const draft = drafts.get(field.name)
      const parsed = draft === undefined || draft === '' ? undefined : kind.parse(draft)
      if (parsed?.kind === 'wrong') return setFailure({ field: field.name, message: parsed.reason })
      const value = parsed === undefined ? kind.unset() : parsed.value
      if (value !== undefined) document[field.name] = value
    }
    try {
      await add(document)
      setDrafts(new Map())
      setFailure(undefined)
      row.current?.querySelector<HTMLElement>('textarea, input:not([type=checkbox])')?.focus()
    } catch (error) {
      setFailure({ message: messageOf(error) })
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void submit()
  }

  return (
    <tr role="row" className="new-row" data-testid="new-row" ref={row}>
      {fields.map((field) => (
        <td role="cell" key={field.name} data-label={field.name} data-control={cellKind(field).control}>
          <NewCell
            field={field}
            draft={drafts.get(field.name) ?? ''}
            change={(text) => setDrafts(new Map(drafts).set(field.name, text))}
            onKeyDown={onKeyDown}
          />
          {failure !== undefined && failure.field === field.name && <CellNote id={noteId} failure={failure.message} />}
        </td>
      ))}
      <td role="cell" className="actions">
        <button type="button" data-testid="add-row" onClick={() => void submit()}>
          Add
        </button>
        {failure !== undefined && failure.field === undefined && <CellNote id={noteId} failure={failure.message} />}
      </td>
    </tr>
  )
}

interface NewCellProps {
  readonly field: ValueField
  readonly draft: string
  readonly change: (text: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

function NewCell({ field, draft, change, onKeyDown }: NewCellProps): ReactNode {
  const kind = cellKind(field)
  const control = {
    'data-testid': 'new-cell',
    'data-field': field.name,
    'aria-label': `${field.name} of a new document`,
    onKeyDown,
  }
  const typed = {
    ...control,
    inputMode: kind.inputMode,
    placeholder: kind.placeholder === '' ? `new ${field.name}` : kind.placeholder,
    value: draft,
    onChange: ({ target }: { readonly target: { readonly value: string } }) => change(target.value),
  }
  switch (kind.control) {
    case 'check':
      return <input type="checkbox" {...control} checked={draft === 'true'} onChange={({ target }) => change(String(target.checked))} />
    case 'counter':
      return <span className="counter faint">0</span>
    case 'text':
      return <textarea rows={1} {...typed} />
    case 'line':
    case 'time':
      return <input type="text" {...typed} />
  }
}
