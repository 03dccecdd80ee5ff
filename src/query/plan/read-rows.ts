import { throwIfAborted } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { knownValueKind } from '../../schema/kinds.ts'
import type { Relation } from '../collections.ts'
import { NO_FACTS, type Condition, type Facts, type RelationCondition } from '../filter/condition.ts'
import { fieldReader, type Row, type RowGroups } from '../row.ts'
import type { Execution } from './execution.ts'

/** Which documents to read. */
export interface Reading {
  readonly collection: CollectionVersion
  readonly docIds?: readonly string[]
  readonly showDeleted: boolean
  readonly filter: Condition
  readonly enough?: number
}

/** The documents that pass the filter, in the order of their IDs; no more than `enough`. */
export async function readRows(reading: Reading, execution: Execution): Promise<readonly Row[]> {
  const rows: Row[] = []
  if (reading.enough === 0) return rows
  const facts = await resolveFacts(reading.filter, execution)
  const docIds = bothLists(reading.docIds, reading.filter.docIds)
  if (docIds?.length === 0) return rows
  const { signal } = execution
  const options = {
    showDeleted: reading.showDeleted,
    ...(docIds === undefined ? {} : { docIds }),
    ...(signal === undefined ? {} : { signal }),
  }
  for await (const batch of execution.source.documents(reading.collection, options)) {
    throwIfAborted(signal, `a query of ${reading.collection.name}`)
    for (const document of batch) {
      if (!reading.filter.test(document, facts)) continue
      rows.push(document)
      if (rows.length === reading.enough) return rows
    }
  }
  return rows
}

/** For each parent the related documents that pass. One read for all parents, whichever side stores the ID. */
export async function readRelated(relation: Relation, parents: readonly Row[], reading: Reading, execution: Execution): Promise<RowGroups> {
  const readId = fieldReader(relation.idField, ID_KIND)
  if (relation.storedIn === 'this') {
    const ids = parents.map((parent) => idOf(readId(parent)))
    const wanted = [...new Set(ids.filter((id) => id !== undefined))]
    const rows = await readRows({ ...reading, docIds: bothLists(wanted, reading.docIds) ?? wanted }, execution)
    const rowById = new Map(rows.map((row) => [row.docId, row]))
    return ids.map((id) => {
      const row = id === undefined ? undefined : rowById.get(id)
      return row === undefined ? [] : [row]
    })
  }
  if (parents.length === 0) return []
  const groups = new Map<string, Row[]>(parents.map(({ docId }) => [docId, []]))
  for (const row of await readRows(reading, execution)) groups.get(idOf(readId(row)) ?? '')?.push(row)
  return parents.map(({ docId }) => groups.get(docId) ?? [])
}

/** Answers the relation conditions in a condition: one read of the related collection each. */
export async function resolveFacts(condition: Condition, execution: Execution): Promise<Facts> {
  if (condition.relations.length === 0) return NO_FACTS
  const connected = new Map<RelationCondition, ReadonlySet<string>>()
  for (const related of condition.relations) connected.set(related, await connectedIds(related, execution))
  return { ...NO_FACTS, related: (related) => connected.get(related) ?? new Set() }
}

const ID_KIND = knownValueKind('ID')

async function connectedIds({ relation, matching }: RelationCondition, execution: Execution): Promise<ReadonlySet<string>> {
  const rows = await readRows({ collection: relation.target, showDeleted: false, filter: matching }, execution)
  if (relation.storedIn === 'this') return new Set(rows.map(({ docId }) => docId))
  const readId = fieldReader(relation.idField, ID_KIND)
  return new Set(rows.flatMap((row) => idOf(readId(row)) ?? []))
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function bothLists(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const set = new Set(b)
  return a.filter((item) => set.has(item))
}
