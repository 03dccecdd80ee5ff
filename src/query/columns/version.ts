import type { Commit } from '../../block/block.ts'
import { cidKey } from '../../block/cid.ts'
import { mapPaced, WORTH_A_LOOK } from '../../util/pacer.ts'
import { FailedCell } from '../plan/execution.ts'
import type { Execution } from '../plan/execution.ts'
import { entryOfBlock, entryOfHead, showEntry, signaturesOf, type CommitEntry } from '../commits/commit-entry.ts'
import { refuseGroup } from '../commits/select-commits.ts'
import type { RequestField } from '../request/request-field.ts'
import type { Row } from '../row.ts'
import type { Column } from './column.ts'

/** Documents whose commits are read at the same time: enough to hide the way to the storage, few enough to hold. */
const READ_AT_ONCE = 64

/** What the record of a document says of its heads itself, so that no commit has to be read. */
const IN_RECORD: ReadonlySet<string> = new Set(['__typename', 'cid', 'height', 'docID', 'fieldName'])

/** `_version`: the commits that a document consists of now; more than one where concurrent changes have not been followed by another. */
export function versionColumn(field: RequestField): Column {
  refuseGroup(field, 'ask for "commits" with the argument groupBy')
  const { key, fields } = field
  const needsCommit = fields.some(({ name }) => !IN_RECORD.has(name))
  return {
    key,
    isOfRow: !needsCommit,
    read: async (rows, execution) => {
      if (!needsCommit) {
        return mapPaced(rows, execution.pacer, ({ docId, record }) =>
          record.heads.map((head) => showEntry(fields, entryOfHead(docId, head))),
        )
      }
      const cells: unknown[] = []
      for (let start = 0; start < rows.length; start += READ_AT_ONCE) {
        const page = rows.slice(start, start + READ_AT_ONCE)
        if (execution.pacer.isDue(page.length + WORTH_A_LOOK)) await execution.pacer.rest()
        cells.push(...(await Promise.all(page.map((row) => showCommits(row, fields, execution)))))
      }
      return cells
    },
  }
}

async function showCommits(row: Row, fields: readonly RequestField[], { source }: Execution): Promise<unknown> {
  try {
    const entries = entriesByCid(
      await source.commits(
        row.docId,
        row.record.heads.map(({ cid }) => cid),
      ),
    )
    return row.record.heads.flatMap(({ cid }) => {
      const entry = entries.get(cidKey(cid))
      return entry === undefined ? [] : [showEntry(fields, entry)]
    })
  } catch (error) {
    return new FailedCell(error)
  }
}

function entriesByCid(commits: readonly Commit[]): ReadonlyMap<string, CommitEntry> {
  const signatures = signaturesOf(commits)
  return new Map(commits.map(({ composite }) => [cidKey(composite.cid), entryOfBlock(composite, signatures)]))
}
