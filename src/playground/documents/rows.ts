import {
  DatabaseError,
  messageOf,
  type CollectionVersion,
  type Database,
  type DatabaseEvents,
  type Document,
  type DocumentChange,
} from '../../index.browser.ts'
import { onFrame } from '../frame.ts'
import { createWatched, type Watched } from '../watched.ts'
import { cellKind, valueFields, type SortKey, type ValueField } from './cell-kinds.ts'
import { orderedIds, type OrderedIds } from './ordered-ids.ts'

/** Rows on one page: what is below the table stays in reach. */
export const PAGE_SIZE = 20

/** Changed documents that are read for one frame: a burst of thousands must leave the page time to draw. */
const CHANGES_PER_FRAME = 250

export interface Row {
  readonly docID: string
  readonly document: Document
  /** The last change that came from another node. */
  readonly arrival?: Arrival
}

export interface Arrival {
  /** Differs between any two arrivals. */
  readonly serial: number
  /** The peer that sent it, when it is known. */
  readonly peer?: string
  /** The fields it changed; `all` for a row that is new here. */
  readonly fields: 'all' | ReadonlySet<string>
}

export interface RowOrder {
  readonly field: ValueField
  readonly direction: 'ascending' | 'descending'
}

export type RowsView =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'ready'
      readonly rows: readonly Row[]
      readonly page: number
      readonly pages: number
      readonly total: number
      readonly order: RowOrder | undefined
    }

/** The documents of one collection as the page shows them: one page of rows, kept up to date by the events of the database. */
export interface Rows {
  readonly view: Watched<RowsView>
  showPage(page: number): void
  /** Undefined: as they came, the newest first. */
  sort(order: RowOrder | undefined): void
  /** Creates a document and shows the page it is on. */
  add(document: Document): Promise<void>
  /** Resolves when the row shows the change. */
  save(docID: string, patch: Document): Promise<void>
  remove(docID: string): Promise<void>
  /** For when changes may have been missed. */
  readAnew(): void
  close(): void
}

/**
 * The IDs of all documents are held in their order, the documents of the shown page only. A change reads the changed documents and nothing else: it
 * tells whether they are new, gone, or shown.
 */
export function openRows(db: Database, collection: CollectionVersion): Rows {
  const documents = db.collection(collection.name)
  const fields = valueFields(collection.fields)
  const view = createWatched<RowsView>({ kind: 'loading' })
  const changed = new Map<string, Change>()
  const shown = new Map<string, Row>()
  let waiting: { readonly docID: string; readonly resolve: () => void }[] = []
  let ids: OrderedIds | undefined
  let order = firstOrder(fields)
  let page = 0
  let serial = 0

  const work = onFrame(update, (error) => {
    for (const { resolve } of takeWaiting()) resolve()
    view.set({ kind: 'failed', message: messageOf(error) })
  })
  const changeHere = ({ detail }: CustomEvent<DocumentChange>): void => {
    if (detail.collectionID === collection.collectionId) note(detail.docID, { isRemote: false })
  }
  const changeElsewhere = ({ detail }: CustomEvent<DatabaseEvents['merge']>): void => {
    if (detail.collectionID !== collection.collectionId) return
    note(detail.docID, { isRemote: true, ...(detail.peer === undefined ? {} : { peer: detail.peer }) })
  }
  db.events.addEventListener('update', changeHere)
  db.events.addEventListener('merge', changeElsewhere)
  work.request()

  function note(docID: string, change: Change): void {
    // A change from elsewhere stays one, also when a local change follows in the same frame.
    if (change.isRemote || !changed.has(docID)) changed.set(docID, change)
    work.request()
  }

  async function update(): Promise<void> {
    const orderBefore = order
    const current = ids ?? (await readOrder())
    if (order !== orderBefore) return work.request()
    ids = current

    const settled = takeWaiting()
    // What somebody waits for goes first.
    const batch = new Map(settled.map(({ docID }) => [docID, changed.get(docID) ?? { isRemote: false }]))
    for (const [docID, change] of changed) {
      if (batch.size >= CHANGES_PER_FRAME) break
      batch.set(docID, change)
    }
    for (const docID of batch.keys()) changed.delete(docID)

    const found = await readDocuments([...batch.keys()])
    for (const [docID, change] of batch) apply(current, docID, found.get(docID), change)
    await fillPage(current)
    publish(current)
    for (const { resolve } of settled) resolve()
    if (changed.size > 0) work.request()
  }

  function takeWaiting(): typeof waiting {
    const taken = waiting
    waiting = []
    return taken
  }

  async function readOrder(): Promise<OrderedIds> {
    shown.clear()
    const sortField = order === undefined ? '' : order.field.name
    const { data, errors } = await db.execute(`query { ${collection.name} { _docID ${sortField} } }`)
    if (errors?.[0] !== undefined) throw new DatabaseError('INVALID_REQUEST', errors[0].message, {})
    const listed: unknown = data?.[collection.name]
    const found = Array.isArray(listed) ? listed.filter(isDocument) : []
    const entries = found.map((document, index) => ({ id: document._docID, key: keyOf(document) ?? index }))
    return orderedIds(entries, order?.direction ?? 'ascending')
  }

  /** Undefined when rows stand as they came. */
  function keyOf(document: Document): SortKey | undefined {
    return order === undefined ? undefined : cellKind(order.field).sortKey(document[order.field.name] ?? null)
  }

  async function readDocuments(docIDs: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    const found = await Promise.all(docIDs.map((docID) => documents.get(docID)))
    return new Map(found.flatMap((document) => (document === undefined ? [] : [[document._docID, document]])))
  }

  function apply(ids: OrderedIds, docID: string, document: Document | undefined, { isRemote, peer }: Change): void {
    if (document === undefined) {
      ids.delete(docID)
      shown.delete(docID)
      return
    }
    const isNew = !ids.has(docID)
    serial += 1
    // As they came, the newest first: keys before that of every earlier one.
    if (isNew) ids.insert({ id: docID, key: keyOf(document) ?? -serial })
    const row = shown.get(docID)
    if (row === undefined && !isNew) return
    const changedFields: Arrival['fields'] = row === undefined ? 'all' : differingFields(fields, row.document, document)
    const isArrival = isRemote && (changedFields === 'all' || changedFields.size > 0)
    const arrival: Arrival | undefined = isArrival
      ? { serial, fields: changedFields, ...(peer === undefined ? {} : { peer }) }
      : row?.arrival
    shown.set(docID, { docID, document, ...(arrival === undefined ? {} : { arrival }) })
  }

  /** Reads the documents of the page that are not there yet, and lets go of those that are not on it any more. */
  async function fillPage(ids: OrderedIds): Promise<void> {
    page = Math.min(page, pageCount(ids) - 1)
    const pageIds = ids.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
    const onPage = new Set(pageIds)
    for (const docID of shown.keys()) if (!onPage.has(docID)) shown.delete(docID)
    const found = await readDocuments(pageIds.filter((docID) => !shown.has(docID)))
    for (const [docID, document] of found) shown.set(docID, { docID, document })
  }

  function publish(ids: OrderedIds): void {
    const pageIds = ids.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
    const rows = pageIds.flatMap((docID) => shown.get(docID) ?? [])
    view.set({ kind: 'ready', rows, page, pages: pageCount(ids), total: ids.size, order })
  }

  function showPage(wanted: number): void {
    page = Math.max(0, wanted)
    work.request()
  }

  /** Waits until the rows show what has been written to the document by now. */
  function shownNow(docID: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push({ docID, resolve })
    work.request()
    return promise
  }

  return {
    view,
    showPage,
    sort: (wanted) => {
      order = wanted
      ids = undefined
      showPage(0)
    },
    add: async (document) => {
      const docID = await documents.create(document)
      await shownNow(docID)
      const index = ids?.indexOf(docID) ?? -1
      if (index !== -1) showPage(Math.floor(index / PAGE_SIZE))
    },
    save: async (docID, patch) => {
      await documents.update(docID, patch)
      await shownNow(docID)
    },
    remove: async (docID) => {
      await documents.delete(docID)
      await shownNow(docID)
    },
    readAnew: () => {
      ids = undefined
      work.request()
    },
    close: () => {
      db.events.removeEventListener('update', changeHere)
      db.events.removeEventListener('merge', changeElsewhere)
      for (const { resolve } of takeWaiting()) resolve()
      work.close()
    },
  }
}

interface Change {
  readonly isRemote: boolean
  readonly peer?: string
}

function isDocument(value: unknown): value is Document & { readonly _docID: string } {
  return typeof value === 'object' && value !== null && '_docID' in value && typeof value._docID === 'string'
}

/** The newest first where documents carry a time, else as they came. */
function firstOrder(fields: readonly ValueField[]): RowOrder | undefined {
  const time = fields.find(({ kind }) => kind.name === 'DateTime')
  return time === undefined ? undefined : { field: time, direction: 'descending' }
}

function differingFields(fields: readonly ValueField[], before: Document, after: Document): ReadonlySet<string> {
  const differing = fields.filter((field) => {
    const { print } = cellKind(field)
    return print(before[field.name] ?? null) !== print(after[field.name] ?? null)
  })
  return new Set(differing.map(({ name }) => name))
}

function pageCount(ids: OrderedIds): number {
  return Math.max(1, Math.ceil(ids.size / PAGE_SIZE))
}
