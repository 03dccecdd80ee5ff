import type { Commit, FieldDelta } from '../block/block.ts'
import { cidKey, type Cid } from '../block/cid.ts'
import { openCommit } from '../block/commit.ts'
import { keys } from '../document/keys.ts'
import type { Pacer } from '../util/pacer.ts'
import { ROWS_PER_COMMIT } from './write-documents.ts'
import type { View } from './view.ts'

/** The commits of one document during a merge, those merged in it included: read as far as somebody asks, each once. */
export interface DocumentHistory {
  /** Remembers a commit that is stored, or merged now, so that nobody has to read it. */
  note(commit: Commit): void
  /** Whether any of its commits has this field block. Reads all of them. */
  hasFieldBlock(cid: Cid): Promise<boolean>
  /** Those of the `wanted` field blocks (by `cidKey`) that these commits or their ancestors have. Reads back from the commits until it has found all. */
  fieldBlocksUpTo(heads: readonly Cid[], wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, FieldDelta>>
}

/** Reads on the way back, each of one level of the history, before the rest of it is read at once. */
const STEPS = 16

export function createDocumentHistory(view: View, docId: string, pacer: Pacer): DocumentHistory {
  const commits = new Map<string, Commit>()
  let isWhole = false
  let fieldBlocks: Set<string> | undefined

  function note(commit: Commit): void {
    commits.set(cidKey(commit.composite.cid), commit)
    for (const { cid } of commit.fields) fieldBlocks?.add(cidKey(cid))
  }

  async function readAll(): Promise<void> {
    if (isWhole) return
    for (const { value } of await view.scan(keys.commitsOf(docId))) {
      if (pacer.isDue(ROWS_PER_COMMIT)) await pacer.rest()
      note(openCommit(value))
    }
    isWhole = true
  }

  async function read(cids: readonly Cid[]): Promise<void> {
    const values = await view.getMany(cids.map((cid) => keys.commit(docId, cid)))
    for (const value of values) if (value !== undefined) note(openCommit(value))
  }

  return {
    note,
    hasFieldBlock: async (cid) => {
      await readAll()
      fieldBlocks ??= new Set([...commits.values()].flatMap(({ fields }) => fields.map((field) => cidKey(field.cid))))
      return fieldBlocks.has(cidKey(cid))
    },
    fieldBlocksUpTo: async (heads, wanted) => {
      const found = new Map<string, FieldDelta>()
      const seen = new Set<string>()
      let level = heads
      for (let steps = 0; level.length > 0 && found.size < wanted.size;) {
        const absent = level.filter((cid) => !commits.has(cidKey(cid)))
        if (absent.length > 0) await (steps++ < STEPS ? read(absent) : readAll())
        const parents: Cid[] = []
        for (const name of level.map(cidKey)) {
          if (pacer.isDue()) await pacer.rest()
          const commit = commits.get(name)
          if (commit === undefined || seen.has(name)) continue
          seen.add(name)
          for (const { cid, block } of commit.fields) if (wanted.has(cidKey(cid))) found.set(cidKey(cid), block.delta)
          parents.push(...commit.composite.block.heads)
        }
        level = parents.filter((cid) => !seen.has(cidKey(cid)))
      }
      return found
    },
  }
}
