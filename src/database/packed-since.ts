import { cidKey, type Cid } from '../block/cid.ts'
import { openCommit, parentsOfPacked } from '../block/commit.ts'
import { headCids } from '../dag/heads.ts'
import { commitsSince } from '../dag/walk.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { Store } from '../storage/store.ts'
import type { DocumentHeads } from './replica.ts'

/** Commits of a document that are looked at one after the other, before its whole history is read. */
const STEPS = 4

/** One document on the way back from its head. */
interface Walk {
  readonly docId: string
  readonly have: readonly Cid[]
  /** The commit to read next; `undefined` at the end. */
  next: Cid | undefined
  readonly found: Uint8Array[]
  /** Its history has branches: what the peer lacks of it cannot be told without the whole. */
  isBranched: boolean
}

/**
 * The packed commits that a peer with these heads lacks, of many documents. Most have changed little since: from the head it is some commits back to one that the
 * peer has, or to the first. These steps are taken for all documents together, each in one read; for the others the history is scanned.
 */
export async function packedSince(store: Store, collectionId: string, documents: readonly DocumentHeads[]): Promise<readonly Uint8Array[]> {
  const known = documents.filter(({ docId }) => keys.isDocumentId(docId))
  const records = await store.getMany(known.map(({ docId }) => keys.document(collectionId, docId)))
  const walks = known.flatMap(({ docId, heads: have }, index): Walk[] => {
    const record = records[index]
    if (record === undefined) return []
    const heads = headCids(decodeRecord(record).heads)
    const walk = { docId, have, next: undefined, found: [], isBranched: heads.length > 1 }
    return [{ ...walk, ...stepTo(walk, heads) }]
  })
  for (let step = 0; step < STEPS; step++) await takeStep(store, walks)
  const packed: Uint8Array[] = []
  for (const walk of walks) {
    if (walk.isBranched || walk.next !== undefined) packed.push(...(await wholeHistory(store, walk)))
    else packed.push(...walk.found.toReversed())
  }
  return packed
}

async function takeStep(store: Store, walks: readonly Walk[]): Promise<void> {
  const open = walks.flatMap((walk) => (walk.next === undefined || walk.isBranched ? [] : { walk, cid: walk.next }))
  if (open.length === 0) return
  const values = await store.getMany(open.map(({ walk, cid }) => keys.commit(walk.docId, cid)))
  for (const [index, { walk }] of open.entries()) {
    const bytes = values[index]
    walk.next = undefined
    // A stored commit has its ancestors; without one this is no history to walk.
    if (bytes === undefined) walk.isBranched = true
    else {
      walk.found.push(bytes)
      Object.assign(walk, stepTo(walk, parentsOfPacked(bytes)))
    }
  }
}

function stepTo({ have }: Pick<Walk, 'have'>, [next, ...more]: readonly Cid[]): Pick<Walk, 'next' | 'isBranched'> {
  const isHeld = next !== undefined && have.some((cid) => cidKey(cid) === cidKey(next))
  return { next: isHeld ? undefined : next, isBranched: more.length > 0 }
}

async function wholeHistory(store: Store, { docId, have }: Walk): Promise<readonly Uint8Array[]> {
  const entries = await store.scan(keys.commitsOf(docId))
  const opened = entries.map(({ value }) => ({ ...openCommit(value), packed: value }))
  return commitsSince(opened, have).map(({ packed }) => packed)
}
