import { compareCids } from '../../block/cid.ts'
import { DatabaseError } from '../../errors.ts'
import { compareText } from '../../util/bytes.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import { COMMIT_KEYS } from '../graphql/commit-types.ts'
import { sliceArguments } from '../request/count-argument.ts'
import type { RequestField } from '../request/request-field.ts'
import { showEntryField, type CommitEntry } from './commit-entry.ts'

/** Groups, orders and cuts commits as the arguments of a field say, and shows its selected fields. */
export function selectCommits(field: RequestField, entries: readonly CommitEntry[]): readonly Readonly<Record<string, unknown>>[] {
  const { groupBy, order } = field.arguments
  const slice = sliceArguments(field.arguments)
  const keys = Array.isArray(groupBy) ? groupBy.map(String) : undefined
  if (keys === undefined) refuseGroup(field, `give "${field.key}" the argument groupBy`)
  else refuseUngrouped(field, keys)
  const groups = keys === undefined ? entries.map((entry) => [entry]) : groupEntries(entries, keys)
  const ordered = orderGroups(groups, Array.isArray(order) ? order : [])
  return slice(ordered).map((group) => showGroup(field, group))
}

function showGroup({ fields }: RequestField, group: readonly CommitEntry[]): Readonly<Record<string, unknown>> {
  const [first] = group
  const show = (field: RequestField): unknown => {
    if (field.name === '_group') return selectCommits(field, group)
    return first === undefined ? null : (showEntryField(field, first) ?? null)
  }
  return Object.fromEntries(fields.map((field) => [field.key, show(field)]))
}

function groupEntries(entries: readonly CommitEntry[], keys: readonly string[]): readonly (readonly CommitEntry[])[] {
  const groups = new Map<string, CommitEntry[]>()
  for (const entry of entries) {
    const key = JSON.stringify(keys.map((name) => VALUES[name]?.(entry) ?? null))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return [...groups.values()]
}

const VALUES: Readonly<Record<string, (entry: CommitEntry) => unknown>> = {
  height: ({ height }) => height,
  cid: ({ cid }) => [...cid],
  docID: ({ docId }) => docId,
  fieldName: ({ fieldName }) => fieldName,
}

const COMPARISONS: Readonly<Record<string, (a: CommitEntry, b: CommitEntry) => number>> = {
  height: (a, b) => a.height - b.height,
  cid: (a, b) => compareCids(a.cid, b.cid),
  docID: (a, b) => compareText(a.docId ?? '', b.docId ?? ''),
}

function orderGroups(groups: readonly (readonly CommitEntry[])[], order: readonly unknown[]): readonly (readonly CommitEntry[])[] {
  const comparisons = order.flatMap((entry) => {
    const members = isPlainObject(entry) ? Object.entries(entry).filter(([, direction]) => direction !== null) : []
    if (members.length > 1) throw new DatabaseError('INVALID_REQUEST', 'each order argument can only define one field; write a list', {})
    return members.flatMap(([name, direction]) => {
      const compare = COMPARISONS[name]
      return compare === undefined ? [] : [direction === 'DESC' ? (a: CommitEntry, b: CommitEntry) => compare(b, a) : compare]
    })
  })
  if (comparisons.length === 0) return groups
  return groups.toSorted(([a], [b]) => {
    if (a === undefined || b === undefined) return 0
    return comparisons.reduce((difference, compare) => difference || compare(a, b), 0)
  })
}

/** @throws INVALID_REQUEST where `_group` is selected on commits that are not grouped */
export function refuseGroup({ fields }: RequestField, advice: string): void {
  if (!fields.some(({ name }) => name === '_group')) return
  throw new DatabaseError('INVALID_REQUEST', `_group may only be referenced when within a groupBy request; ${advice}`, {})
}

/** In a group only what all commits share has one value. */
function refuseUngrouped({ fields }: RequestField, keys: readonly string[]): void {
  const stray = fields.find(({ name }) => !keys.includes(name) && name !== '_group' && name !== '__typename')
  if (stray === undefined) return
  const message = `cannot select a non-group-by field at group-level. Field: ${stray.name}; group by one of ${COMMIT_KEYS.join(', ')}, or select it inside "_group"`
  throw new DatabaseError('INVALID_REQUEST', message, {})
}
