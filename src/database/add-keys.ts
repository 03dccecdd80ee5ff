import type { Commit } from '../block/block.ts'
import { cidKey } from '../block/cid.ts'
import { openCommit } from '../block/commit.ts'
import { openEncryption } from '../block/encryption-block.ts'
import { mergeCommit } from '../dag/merge.ts'
import { ancestorsFirst } from '../dag/walk.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { readContent } from './commit-content.ts'
import type { IndexViolation } from './database.ts'
import type { EngineCore } from './engine.ts'
import { markLeftAside, WHOLE_DOCUMENT } from './left-aside.ts'
import { encryptionLinks, openCommits } from './opened-commits.ts'
import { putRecord } from './store-record.ts'
import type { View, WriteView } from './view.ts'
import type { WrittenCommit } from './write-documents.ts'

/**
 * Stores keys, and merges the documents that waited for them anew, from their whole history: a late block is not merged on top, since later ones may have
 * superseded it. All of it is one write.
 */
export async function addKeys(core: EngineCore, blocks: readonly Uint8Array[]): Promise<void> {
  const sealed = blocks.map(openEncryption)
  const links = new Set(sealed.map(({ cid }) => cidKey(cid)))
  await core.writer.run<Opened>({
    name: 'new keys',
    isAlone: true,
    body: async (view) => {
      for (const { cid, bytes } of sealed) view.put(keys.encryptionKey(cid), bytes)
      const opened: WrittenCommit[] = []
      const violations: IndexViolation[] = []
      for (const collection of core.catalog().active()) {
        for (const docId of await waitingDocuments(view, collection, links)) {
          const rebuilt = await rebuildDocument(view, collection, docId)
          violations.push(...rebuilt.violations)
          opened.push(...rebuilt.opened)
        }
      }
      return { opened, violations }
    },
    stored: ({ opened, violations }) => {
      core.announceOpened(opened)
      for (const violation of violations) core.events.emit('index:violation', violation)
    },
  })
}

interface Opened {
  readonly opened: readonly WrittenCommit[]
  readonly violations: readonly IndexViolation[]
}

/** The documents with commits that are left aside, wholly or in part, and link one of the keys. */
async function waitingDocuments(view: View, collection: CollectionVersion, links: ReadonlySet<string>): Promise<readonly string[]> {
  const marks = await view.scan(keys.leftAsideOf(collection.collectionId))
  const commits = await view.getMany(marks.map(({ key }) => keys.commit(keys.docIdOf(key), keys.cidOf(key))))
  const waiting = marks.filter((_, index) => {
    const bytes = commits[index]
    return bytes !== undefined && encryptionLinks(openCommit(bytes)).some((link) => links.has(cidKey(link)))
  })
  return [...new Set(waiting.map(({ key }) => keys.docIdOf(key)))]
}

/** Merges a document anew with the keys that are here now. @returns its last commit, when it can be shown */
async function rebuildDocument(
  view: WriteView,
  collection: CollectionVersion,
  docId: string,
): Promise<{ readonly opened: readonly WrittenCommit[]; readonly violations: readonly IndexViolation[] }> {
  const history = (await view.scan(keys.commitsOf(docId))).map(({ value }) => openCommit(value))
  const opened = await openCommits(view, history)
  const applied = new Set<string>()
  let record: DocumentRecord | undefined
  let last: Commit | undefined
  for (const commit of ancestorsFirst(history)) {
    const content = readContent(collection, commit, opened.plainData)
    const names = commit.fields.map(({ block }) => block.delta.fieldName)
    const aside = content.kind === 'read' ? content.aside : names
    // Two writers who set the same value have made the same block, in a commit each. It counts once.
    const again = names.filter((_, index) => applied.has(cidKey(commit.fields[index]?.cid ?? commit.composite.cid)))
    for (const { cid } of commit.fields) applied.add(cidKey(cid))
    const merged = mergeCommit(collection, record, commit, [...aside, ...again], opened.plainData)
    record = { ...merged, ...opened.secrecy(commit, record) }
    last = commit
    view.delete(keys.leftAside(collection.collectionId, docId, commit.composite.cid))
    markLeftAside(view, collection, docId, commit.composite.cid, opened.isSealed(commit) ? [...aside, WHOLE_DOCUMENT] : aside)
  }
  if (record === undefined || last === undefined) return { opened: [], violations: [] }
  const before = await view.get(keys.document(collection.collectionId, docId))
  const violations = await putRecord(view, collection, docId, before === undefined ? undefined : decodeRecord(before), record, 'merge')
  return { opened: record.secrecy === 'sealed' ? [] : [{ collection, commit: last, record }], violations }
}
