import { compareCids } from '../../block/cid.ts'
import { DatabaseError } from '../../errors.ts'
import { compareText } from '../../util/bytes.ts'
import { forEachPaced } from '../../util/pacer.ts'
import { sortPaced } from '../../util/sort-paced.ts'
import { checkList } from '../filter/check-filter.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import { COMMIT_KEYS } from '../graphql/commit-types.ts'
import type { Execution } from '../plan/execution.ts'
import { sliceArguments } from '../request/count-argument.ts'
import type { RequestField } from '../request/request-field.ts'
import { showEntryField, type CommitEntry } from './commit-entry.ts'

/** Groups, orders and cuts commits as the arguments of a field say, and shows its selected fields. */
export async function selectCommits(
  field: RequestField,
  entries: readonly CommitEntry[],
  execution: Execution,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { groupBy, order } = field.arguments
  const slice = sliceArguments(field.arguments)
  const keys = Array.isArray(groupBy) ? groupBy.map(String) : undefined
  if (keys === undefined) refuseGroup(field, `give "${field.key}" the argument groupBy`)
  else refuseUngrouped(field, keys)
  checkList(order, 'orderKeys', execution.collections.limits)
  const groups = keys === undefined ? entries.map((entry) => [entry]) : await groupEntries(entries, keys, execution)
  const ordered = await orderGroups(groups, Array.isArray(order) ? order : [], execution)
  const selected = slice(ordered)
  execution.spend('resultDocuments', selected.length)
  const shown: Readonly<Record<string, unknown>>[] = []
  for (const group of selected) {
    if (execution.pacer.isDue()) await execution.pacer.rest()
    shown.push(await showGroup(field, group, execution))
  }
  return shown
}

async function showGroup(
  { fields }: RequestField,
  group: readonly CommitEntry[],
  execution: Execution,
): Promise<Readonly<Record<string, unknown>>> {
  const [first] = group
  const shown: Record<string, unknown> = {}
  for (const field of fields) {
    if (field.name === '_group') shown[field.key] = await selectCommits(field, group, execution)
    else shown[field.key] = first === undefined ? null : (showEntryField(field, first) ?? null)
  }
  return shown
}

async function groupEntries(
  entries: readonly CommitEntry[],
  keys: readonly string[],
  { pacer }: Execution,
): Promise<readonly (readonly CommitEntry[])[]> {
  const groups = new Map<string, CommitEntry[]>()
  await forEachPaced(entries, pacer, (entry) => {
    const key = JSON.stringify(keys.map((name) => VALUES[name]?.(entry) ?? null))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  })
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

async function orderGroups(
  groups: readonly (readonly CommitEntry[])[],
  order: readonly unknown[],
  { pacer }: Execution,
): Promise<readonly (readonly CommitEntry[])[]> {
  const comparisons = order.flatMap((entry) => {
    const members = isPlainObject(entry) ? Object.entries(entry).filter(([, direction]) => direction !== null) : []
    if (members.length > 1) throw new DatabaseError('INVALID_REQUEST', 'each order argument can only define one field; write a list', {})
    return members.flatMap(([name, direction]) => {
      const compare = COMPARISONS[name]
      return compare === undefined ? [] : [direction === 'DESC' ? (a: CommitEntry, b: CommitEntry) => compare(b, a) : compare]
    })
  })
  if (comparisons.length === 0) return groups
  const compareGroups = ([a]: readonly CommitEntry[], [b]: readonly CommitEntry[]): number => {
    if (a === undefined || b === undefined) return 0
    return comparisons.reduce((difference, compare) => difference || compare(a, b), 0)
  }
  return sortPaced(groups, compareGroups, pacer)
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
