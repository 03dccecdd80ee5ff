import { memo, useEffect, useRef, useState, type ReactNode } from 'react'

import { messageOf } from '../../index.browser.ts'
import { peerHue } from '../peer-name.tsx'
import { sentence } from '../sentence.ts'
import { Cell } from './cell.tsx'
import { cellKind, type ValueField } from './cell-kinds.ts'
import type { Arrival, Row, Rows } from './rows.ts'

/** How long a change from elsewhere can be seen. */
const FLASH_MS = 1800
/** The hue of a change whose sender is not known. */
const UNKNOWN_HUE = 80

interface DocumentRowProps {
  readonly row: Row
  readonly fields: readonly ValueField[]
  readonly rows: Rows
}

/** One document. Drawn again only when its own row changes. */
export const DocumentRow: (props: DocumentRowProps) => ReactNode = memo(function DocumentRow({ row, fields, rows }: DocumentRowProps) {
  const element = useRef<HTMLTableRowElement>(null)
  const { arrival, docID, document } = row
  useEffect(() => flash(element.current, arrival), [arrival])
  const title =
    fields.map(({ name }) => document[name]).find((value): value is string => typeof value === 'string' && value !== '') ?? docID

  return (
    <tr role="row" ref={element} data-testid="document" data-docid={docID}>
      {fields.map((field) => (
        <td role="cell" key={field.name} data-label={field.name} data-field={field.name} data-control={cellKind(field).control}>
          <Cell
            field={field}
            value={document[field.name] ?? null}
            label={`${field.name} of ${title}`}
            save={(value) => rows.save(docID, { [field.name]: value })}
          />
        </td>
      ))}
      <td role="cell" className="actions">
        <DeleteButton label={`Delete ${title}`} docID={docID} remove={() => rows.remove(docID)} />
      </td>
    </tr>
  )
})

function DeleteButton(props: { readonly label: string; readonly docID: string; readonly remove: () => Promise<void> }): ReactNode {
  const [failure, setFailure] = useState<string>()
  const remove = async (): Promise<void> => {
    try {
      await props.remove()
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <>
      <button
        type="button"
        className="quiet"
        data-testid="delete-row"
        aria-label={props.label}
        title={`Delete ${props.docID}`}
        onClick={() => void remove()}
      >
        ×
      </button>
      {failure !== undefined && (
        <span className="cell-note wrong" role="alert">
          {sentence(failure)}
        </span>
      )}
    </>
  )
}

/** Lets the cells that another node has changed shine in its colour for a moment. */
function flash(row: HTMLTableRowElement | null, arrival: Arrival | undefined): void {
  if (row === null || arrival === undefined) return
  const hue = arrival.peer === undefined ? UNKNOWN_HUE : peerHue(arrival.peer)
  for (const cell of row.cells) {
    const { field } = cell.dataset
    if (arrival.fields !== 'all' && (field === undefined || !arrival.fields.has(field))) continue
    cell.animate([{ backgroundColor: `oklch(0.75 0.14 ${hue} / 0.45)` }, { backgroundColor: 'transparent' }], {
      duration: FLASH_MS,
      easing: 'ease-out',
    })
  }
}
