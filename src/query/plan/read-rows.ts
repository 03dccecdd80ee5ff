import type { CollectionVersion } from '../../schema/collection-version.ts'
import { knownValueKind } from '../../schema/kinds.ts'
import { throwIfAborted } from '../../errors.ts'
import type { FieldOrder, IndexAccess } from '../access/choose-index.ts'
import { amongIds, planAccess, type Access } from '../access/plan-access.ts'
import { readIndex } from '../access/read-index.ts'
import { forEachPaced, mapPaced } from '../../util/pacer.ts'
import type { Relation } from '../collections.ts'
import {
  allOf,
  NO_FACTS,
  NOTHING_CONNECTED,
  onRow,
  type Condition,
  type Connected,
  type Facts,
  type RelationCondition,
} from '../filter/condition.ts'
import { fieldReader, type Row, type RowGroups } from '../row.ts'
import type { Execution } from './execution.ts'
import type { ReadingWork } from './work.ts'

/** Which documents to read. */
export interface Reading {
  readonly collection: CollectionVersion
  readonly docIds?: readonly string[]
  readonly showDeleted: boolean
  readonly filter: Condition
  /** So many documents in the order of reading decide the result, and reading can stop there. */
  readonly enough?: number
  /** The order the rows are wanted in, where an index could have it. Rows that come in another one are ordered later. */
  readonly order?: FieldOrder
  /** Rows are ordered later by something else, and equals have to come in the order of their IDs. */
  readonly isOrderedLater?: boolean
  /** No order is stated, and what comes first in that of reading decides the result. */
  readonly takesFirst?: boolean
  /** The plan this is a part of, for counting work; the reading itself when it is absent. */
  readonly origin?: object
}

/** Rows that have been read. */
export interface ReadRows {
  readonly rows: readonly Row[]
  /** They stand in the requested order. */
  readonly isOrdered: boolean
  /** They stand in the order of an index. */
  readonly isInIndexOrder: boolean
}

/** The first documents that a query with a limit asks of an index at once; then four times as many, and so on. */
const FIRST_BATCH = 32
const LARGEST_BATCH = 4_096
/** Parents whose related documents are looked for one by one; for more the whole related collection is read. */
const MOST_PARENTS = 1_000

/** The documents that pass the filter; no more than `enough`. Without an index in the order of their IDs, else in that of the index. */
export async function readRows(reading: Reading, execution: Execution): Promise<readonly Row[]> {
  return (await readOrdered(reading, execution)).rows
}

/** The same, with the word on whether they stand in the order that is wanted. */
export async function readOrdered(reading: Reading, execution: Execution): Promise<ReadRows> {
  const work = execution.work?.of(reading.origin ?? reading)
  if (work !== undefined) work.runs += 1
  if (reading.enough === 0 && !needsOrdering(reading, execution)) return { rows: [], isOrdered: true, isInIndexOrder: false }
  const { filter, collection, takesFirst } = reading
  const facts = await resolveFacts(filter, execution, takesFirst)
  const docIds = bothLists(reading.docIds, filter.docIds)
  const reader: Reader = { reading, facts, execution, work }
  if (docIds !== undefined) return byId(await readNamed(reader, docIds))
  if (reading.showDeleted) return byId(await scan(reader))
  const access = planAccess(reading, { facts, isComplete: (index) => execution.source.isComplete(collection, index, takesFirst) })
  if (work !== undefined && access.kind === 'index') work.index = access.access.index.name
  return readBy(access, reader)
}

/** For each parent the related documents that pass. One read for all parents, whichever side stores the ID. */
export async function readRelated(relation: Relation, parents: readonly Row[], reading: Reading, execution: Execution): Promise<RowGroups> {
  const readId = fieldReader(relation.idField, ID_KIND)
  const { order: _, enough: __, ...rest } = reading
  // Where merges have left several for one, the first by its ID is shown, whatever index finds them.
  const isOrderedLater = !relation.list || needsOrdering(reading, execution)
  const all = { ...rest, isOrderedLater, origin: reading.origin ?? reading }
  if (relation.storedIn === 'this') {
    const ids = await mapPaced(parents, execution.pacer, (parent) => idOf(readId(parent)))
    const wanted = [...new Set(ids.filter((id) => id !== undefined))]
    const rows = await readRows({ ...all, docIds: bothLists(wanted, reading.docIds) ?? wanted }, execution)
    const rowById = new Map(rows.map((row) => [row.docId, row]))
    return ids.map((id) => {
      const row = id === undefined ? undefined : rowById.get(id)
      return row === undefined ? [] : [row]
    })
  }
  if (parents.length === 0) return []
  const groups = new Map<string, Row[]>(parents.map(({ docId }) => [docId, []]))
  const isFew = groups.size <= MOST_PARENTS
  const ofParents = isFew ? allOf([onRow(() => true, [amongIds(relation.idField, [...groups.keys()])]), reading.filter]) : reading.filter
  const related = await readRows({ ...all, filter: ofParents }, execution)
  await forEachPaced(related, execution.pacer, (row) => groups.get(idOf(readId(row)) ?? '')?.push(row))
  return parents.map(({ docId }) => groups.get(docId) ?? [])
}

/** Answers the relation conditions in a condition: one read of the related collection each. With `takesFirst` the order of what they connect with matters. */
export async function resolveFacts(condition: Condition, execution: Execution, takesFirst = false): Promise<Facts> {
  if (condition.relations.length === 0) return NO_FACTS
  const connected = new Map<RelationCondition, Connected>()
  for (const related of condition.relations) connected.set(related, await connectedIds(related, execution, takesFirst))
  return { ...NO_FACTS, related: (related) => connected.get(related) ?? NOTHING_CONNECTED }
}

interface Reader {
  readonly reading: Reading
  readonly facts: Facts
  readonly execution: Execution
  readonly work: ReadingWork | undefined
}

async function readBy(access: Access, reader: Reader): Promise<ReadRows> {
  switch (access.kind) {
    case 'scan':
      return byId(await scan(reader))
    case 'index':
      return readByIndex(access.access, reader)
    case 'related': {
      const { docIds, isInIndexOrder } = access.connected
      if (!isInIndexOrder || needsOrdering(reader.reading, reader.execution)) return byId(await readNamed(reader, [...docIds]))
      return { rows: (await readInOrder(reader, [...docIds])).slice(0, reader.reading.enough), isOrdered: false, isInIndexOrder }
    }
    case 'either': {
      const docIds = new Set<string>()
      for (const branch of access.branches) for (const docId of await idsBy(branch, reader)) docIds.add(docId)
      return byId(await readNamed(reader, [...docIds]))
    }
  }
}

/** The IDs a way leads to, without the documents. */
async function idsBy(access: Access, reader: Reader): Promise<readonly string[]> {
  const { reading, execution, work } = reader
  switch (access.kind) {
    case 'scan':
      throw new RangeError('a scan has no IDs of its own')
    case 'related':
      return [...access.connected.docIds]
    case 'index': {
      const found = await Array.fromAsync(readIndex(reading.collection, access.access, execution, () => countEntry(work)))
      return found.map(({ docId }) => docId)
    }
    case 'either': {
      const lists: (readonly string[])[] = []
      for (const branch of access.branches) lists.push(await idsBy(branch, reader))
      return lists.flat()
    }
  }
}

/** Reads the documents of an index in its order: all of them at once, or as many as are enough. */
async function readByIndex(access: IndexAccess, reader: Reader): Promise<ReadRows> {
  const { reading, execution, work } = reader
  const entries = readIndex(reading.collection, access, execution, () => countEntry(work))
  const isWanted = access.ordered !== undefined
  const stopsEarly = reading.enough !== undefined && (isWanted || !needsOrdering(reading, execution))
  if (!stopsEarly) {
    const found = await Array.fromAsync(entries)
    const docIds = found.map(({ docId }) => docId)
    const isOrdered = isWanted && found.every(({ isExact }) => isExact)
    // Rows that are ordered later have to come in the order of their IDs.
    if (!isOrdered && needsOrdering(reading, execution)) return byId(await readNamed(reader, docIds))
    return { rows: await readInOrder(reader, docIds), isOrdered, isInIndexOrder: true }
  }
  const rows: Row[] = []
  const enough = reading.enough ?? 0
  let size = Math.min(FIRST_BATCH, enough)
  let isExact = true
  for (;;) {
    const batch: string[] = []
    while (batch.length < size) {
      const { value, done } = await entries.next()
      if (done === true) break
      isExact &&= value.isExact
      batch.push(value.docId)
    }
    if (!isExact) break
    rows.push(...(await readInOrder(reader, batch)))
    if (batch.length < size || rows.length >= enough) break
    size = Math.min(LARGEST_BATCH, size * 4)
  }
  await entries.return(undefined)
  if (isExact) return { rows: rows.slice(0, enough), isOrdered: isWanted, isInIndexOrder: true }
  const { enough: _, ...all } = reading
  return readByIndex(access, { ...reader, reading: all })
}

function needsOrdering({ order, isOrderedLater, takesFirst }: Reading, { isById }: Execution): boolean {
  return order !== undefined || isOrderedLater === true || (isById === true && takesFirst !== true)
}

/** Rows in the order of their IDs. */
function byId(rows: readonly Row[]): ReadRows {
  return { rows, isOrdered: false, isInIndexOrder: false }
}

/** Reads these documents, in the order in which they are named. All of them: the first in the order of their IDs are others. */
async function readInOrder(reader: Reader, docIds: readonly string[]): Promise<readonly Row[]> {
  const { enough: _, ...reading } = reader.reading
  const { pacer } = reader.execution
  const rowById = new Map<string, Row>()
  await forEachPaced(await readNamed({ ...reader, reading }, docIds), pacer, (row) => rowById.set(row.docId, row))
  const rows: Row[] = []
  await forEachPaced(docIds, pacer, (docId) => {
    const row = rowById.get(docId)
    if (row !== undefined) rows.push(row)
  })
  return rows
}

/** Reads these documents, in the order of their IDs. */
async function readNamed(reader: Reader, docIds: readonly string[]): Promise<readonly Row[]> {
  return docIds.length === 0 ? [] : readDocuments(reader, { docIds })
}

function scan(reader: Reader): Promise<readonly Row[]> {
  return readDocuments(reader, {})
}

async function readDocuments(
  { reading, facts, execution, work }: Reader,
  named: { readonly docIds?: readonly string[] },
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const { signal, source, pacer } = execution
  const { collection, filter, showDeleted } = reading
  const enough = needsOrdering(reading, execution) ? undefined : reading.enough
  for await (const batch of source.documents(collection, { showDeleted, ...named, ...(signal === undefined ? {} : { signal }) })) {
    throwIfAborted(signal, `a query of ${collection.name}`)
    for (const document of batch) {
      if (pacer.isDue()) await pacer.rest()
      if (work !== undefined) countDocument(work, document)
      if (!filter.test(document, facts)) continue
      rows.push(document)
      if (work !== undefined) work.matches += 1
      if (rows.length === enough) return rows
    }
  }
  return rows
}

function countEntry(work: ReadingWork | undefined): void {
  if (work !== undefined) work.indexFetches += 1
}

function countDocument(work: ReadingWork, { record }: Row): void {
  work.docFetches += 1
  work.fieldFetches += record.fields.size
}

const ID_KIND = knownValueKind('ID')

async function connectedIds({ relation, matching }: RelationCondition, execution: Execution, takesFirst: boolean): Promise<Connected> {
  const reading = { collection: relation.target, showDeleted: false, filter: matching, origin: matching, takesFirst }
  const { rows, isInIndexOrder } = await readOrdered(reading, execution)
  const readId = fieldReader(relation.idField, ID_KIND)
  const docIds = new Set<string>()
  await forEachPaced(rows, execution.pacer, (row) => {
    const docId = relation.storedIn === 'this' ? row.docId : idOf(readId(row))
    if (docId !== undefined) docIds.add(docId)
  })
  return { docIds, isInIndexOrder }
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function bothLists(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const set = new Set(b)
  return a.filter((item) => set.has(item))
}
