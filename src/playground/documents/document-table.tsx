import { useEffect, useState, type CSSProperties, type ReactNode } from 'react'

import type { CollectionVersion, Database } from '../../index.browser.ts'
import { sentence } from '../sentence.ts'
import { useWatched } from '../watched.ts'
import { cellKind, valueFields, type ValueField } from './cell-kinds.ts'
import { DocumentRow } from './document-row.tsx'
import { NewRow } from './new-row.tsx'
import { openRows, PAGE_SIZE, type RowOrder, type Rows, type RowsView } from './rows.ts'

interface DocumentTableProps {
  readonly db: Database
  readonly collection: CollectionVersion
  /** How often changes may have been missed. */
  readonly returns: number
}

/** The documents of a collection as an editable table. */
export function DocumentTable({ db, collection, returns }: DocumentTableProps): ReactNode {
  const [rows, setRows] = useState<Rows>()
  useEffect(() => {
    const opened = openRows(db, collection)
    setRows(opened)
    return opened.close
  }, [db, collection])
  useEffect(() => {
    if (returns > 0) rows?.readAnew()
  }, [rows, returns])
  return rows === undefined ? null : <OpenTable rows={rows} collection={collection} />
}

function OpenTable({ rows, collection }: { readonly rows: Rows; readonly collection: CollectionVersion }): ReactNode {
  const view = useWatched(rows.view)
  const fields = valueFields(collection.fields)
  const order = view.kind === 'ready' ? view.order : undefined
  return (
    <>
      {/* The roles are spoken out, because a narrow page lays the rows out as blocks, which takes them away. */}
      <div className="table-frame">
        <table role="table" className="documents" style={widthFor(fields.length)} aria-label={`Documents of ${collection.name}`}>
          <thead>
            <tr>
              {fields.map((field) => (
                <ColumnHead key={field.name} field={field} order={order} sort={rows.sort} />
              ))}
              <th className="actions">
                <span className="for-readers">actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <NewRow fields={fields} add={rows.add} />
            {view.kind === 'ready' && view.rows.map((row) => <DocumentRow key={row.docID} row={row} fields={fields} rows={rows} />)}
          </tbody>
        </table>
      </div>
      <TableFoot view={view} collection={collection.name} showPage={rows.showPage} />
    </>
  )
}

/** For the style of the table: from how many columns on it scrolls instead of squeezing them. */
function widthFor(columns: number): CSSProperties {
  const variables: Record<`--${string}`, number> = { '--columns': columns }
  return variables
}

interface ColumnHeadProps {
  readonly field: ValueField
  readonly order: RowOrder | undefined
  readonly sort: (order: RowOrder | undefined) => void
}

/** A click orders the rows by the column: upwards, downwards, then as they came. */
function ColumnHead({ field, order, sort }: ColumnHeadProps): ReactNode {
  const direction = order?.field.name === field.name ? order.direction : 'none'
  const next = { none: { field, direction: 'ascending' }, ascending: { field, direction: 'descending' }, descending: undefined } as const
  return (
    <th aria-sort={direction} data-control={cellKind(field).control} title={`${field.kind.name}, ${field.crdt}`}>
      <button type="button" className="quiet" data-testid="sort" data-field={field.name} onClick={() => sort(next[direction])}>
        {field.name}
        <span aria-hidden="true">{{ none: '', ascending: ' ↑', descending: ' ↓' }[direction]}</span>
      </button>
    </th>
  )
}

interface TableFootProps {
  readonly view: RowsView
  readonly collection: string
  readonly showPage: (page: number) => void
}

function TableFoot({ view, collection, showPage }: TableFootProps): ReactNode {
  switch (view.kind) {
    case 'loading':
      return <p className="hint">Reading…</p>
    case 'failed':
      return (
        <p className="hint wrong" role="alert">
          The documents of {collection} cannot be read. {sentence(view.message)}
        </p>
      )
    case 'ready':
      break
  }
  const { page, pages, total } = view
  if (total === 0) return <p className="hint">No {collection} yet. Write the first one above and press Enter.</p>
  if (pages === 1) {
    return (
      <p className="hint" data-testid="total" data-total={total}>
        {total === 1 ? '1 document' : `${total} documents`}
      </p>
    )
  }
  const first = page * PAGE_SIZE + 1
  return (
    <nav className="pages" aria-label="Pages">
      <button type="button" data-testid="previous-page" disabled={page === 0} onClick={() => showPage(page - 1)}>
        Back
      </button>
      <span data-testid="total" data-total={total}>
        {first.toLocaleString()}–{Math.min(total, first + PAGE_SIZE - 1).toLocaleString()} of {total.toLocaleString()}
      </span>
      <button type="button" data-testid="next-page" disabled={page === pages - 1} onClick={() => showPage(page + 1)}>
        Next
      </button>
    </nav>
  )
}
