import { cidKey, type Cid } from '../../block/cid.ts'
import { documentOf } from '../../block/replicated-commit.ts'
import type { CommitBatch } from '../../database/replica.ts'
import type { CollectionName } from './plan.testkit.ts'

/** What the users of a simulation have been promised. */
export interface Ledger {
  /** Documents that were created, in the order in which that was acknowledged. */
  readonly documents: readonly Created[]
  /** Commits that a node has stored of its own writes: told after that, to the network too. */
  readonly commits: ReadonlyMap<string, StoredCommit>
  /** Texts that updates have set, of those that were acknowledged. */
  readonly texts: ReadonlySet<string>
  readonly deleted: ReadonlySet<string>
  /** Writes that were acknowledged. */
  readonly acknowledged: number
  /** What must be counted in a document at least and at most: those acknowledged, and any of those that nobody heard of again. */
  countOf(docId: string): { readonly least: number; readonly most: number }
  created(created: Created): void
  edited(text: string): void
  removed(docId: string): void
  /** Somebody begins to count; returns what is to be called when it is acknowledged or refused. */
  counting(docId: string, by: number): (isDone: boolean) => void
  /** A node has stored commits. */
  stored(node: number, batch: CommitBatch): void
}

export interface Created {
  readonly collection: CollectionName
  readonly docId: string
}

export interface StoredCommit {
  readonly collectionId: string
  readonly docId: string
  readonly cid: Cid
  /** Names of its parents among the commits. */
  readonly parents: readonly string[]
  /** The nodes that have written it: several, where they wrote the same. */
  readonly writers: ReadonlySet<number>
}

export function createLedger(): Ledger {
  const documents: Created[] = []
  const commits = new Map<string, StoredCommit>()
  const texts = new Set<string>()
  const deleted = new Set<string>()
  const counts = new Map<string, { least: number; most: number }>()
  let acknowledged = 0

  function countOf(docId: string): { least: number; most: number } {
    const known = counts.get(docId)
    if (known !== undefined) return known
    const count = { least: 0, most: 0 }
    counts.set(docId, count)
    return count
  }

  return {
    documents,
    commits,
    texts,
    deleted,
    countOf,
    get acknowledged() {
      return acknowledged
    },
    created: (created) => {
      acknowledged += 1
      if (!documents.some(({ docId }) => docId === created.docId)) documents.push(created)
    },
    edited: (text) => {
      acknowledged += 1
      texts.add(text)
    },
    removed: (docId) => {
      acknowledged += 1
      deleted.add(docId)
    },
    counting: (docId, by) => {
      const count = countOf(docId)
      const side = by < 0 ? 'least' : 'most'
      count[side] += by
      return (isDone) => {
        if (!isDone) {
          count[side] -= by
          return
        }
        acknowledged += 1
        count[side === 'least' ? 'most' : 'least'] += by
      }
    },
    stored: (node, { collectionId, commits: told, peer }) => {
      if (peer !== undefined) return
      for (const commit of told) {
        const { cid, block } = commit.composite
        const name = collectionId + cidKey(cid)
        const writers = new Set([...(commits.get(name)?.writers ?? []), node])
        const parents = block.heads.map((parent) => collectionId + cidKey(parent))
        commits.set(name, { collectionId, docId: documentOf(commit), cid, parents, writers })
      }
    },
  }
}
