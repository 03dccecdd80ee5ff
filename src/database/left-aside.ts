import { openCommit } from '../block/commit.ts'
import { cidKey, type Cid } from '../block/cid.ts'
import { mergeField } from '../dag/merge.ts'
import { ancestorsFirst } from '../dag/walk.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { DocumentRecord, FieldRecord } from '../document/record.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import { bytesToMapKey, decodeText, encodeText } from '../util/bytes.ts'
import { readField } from './commit-content.ts'
import { openCommits } from './opened-commits.ts'
import { putRecord } from './store-record.ts'
import type { View, WriteView } from './view.ts'

/**
 * What is done about fields that the active version of a collection cannot merge: a node is not patched yet, a peer is, and sends what that one has.
 *
 * The commit is stored and merged like any other, without these fields. A mark beside it names them, and the version that left them aside. When another version
 * becomes active, the fields it knows are merged anew from the whole history of each marked document, ancestors first. So they end as they would have with that
 * version from the beginning, every block counts once however often this is done, and a crash in between costs nothing but doing it again.
 */
interface Mark {
  readonly leftBy: string
  readonly fields: readonly string[]
}

/** Stands among the fields of a mark where the document as a whole waits for its key. No field has this name. */
export const WHOLE_DOCUMENT = ''

/** Documents that one write takes on: each means reading a history. */
const DOCUMENTS_IN_WRITE = 500
/** Marks are small; a page of them is one read. */
const MARKS_IN_PAGE = 4_096

/** Remembers the fields of a commit that `collection` could not merge. */
export function markLeftAside(view: WriteView, collection: CollectionVersion, docId: string, cid: Cid, fields: readonly string[]): void {
  if (fields.length > 0) view.put(keys.leftAside(collection.collectionId, docId, cid), encodeMark({ leftBy: collection.versionId, fields }))
}

/**
 * Merges what was left aside and `next` knows, before it becomes active; `versions` are all there are. Gives false when there was too much for one write: what was
 * done counts, and the rest is for another write. Values that only `next` knows do no harm before: no one asks for them.
 * Indexes are kept as those of `current`, which is active until then.
 */
export async function mergeLeftAside(
  view: WriteView,
  current: CollectionVersion | undefined,
  next: CollectionVersion,
  versions: readonly CollectionVersion[],
): Promise<boolean> {
  const waiting = await waitingDocuments(view, next)
  const documents = [...waiting]
  for (const [docId, names] of documents.slice(0, DOCUMENTS_IN_WRITE)) await rebuildFields(view, current, next, docId, names)
  if (documents.length > DOCUMENTS_IN_WRITE) return false
  await rebuildContested(view, current, next, versions)
  return true
}

/** The documents with marks that `next` did not leave, and the fields of these marks it knows; one more than a write takes on, at most. */
async function waitingDocuments(view: View, next: CollectionVersion): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Set(next.fields.filter(({ kind }) => kind.type === 'value').map(({ name }) => name))
  const namesByDocument = new Map<string, Set<string>>()
  let range = keys.leftAsideOf(next.collectionId)
  for (;;) {
    const page = await view.scan(range, { limit: MARKS_IN_PAGE })
    for (const { key, value } of page) {
      const { leftBy, fields } = decodeMark(value)
      const names = leftBy === next.versionId ? [] : fields.filter((name) => known.has(name))
      if (names.length === 0) continue
      const docId = keys.docIdOf(key)
      const all = namesByDocument.get(docId)
      if (all === undefined && namesByDocument.size > DOCUMENTS_IN_WRITE) return namesByDocument
      namesByDocument.set(docId, new Set([...(all ?? []), ...names]))
    }
    const last = page.at(-1)
    if (last === undefined || page.length < MARKS_IN_PAGE) return namesByDocument
    range = { ...range, from: keys.after(last.key) }
  }
}

/**
 * Two versions from one root may each have added a field of one name as different things. Then what one of them has merged is nothing to the other, in every
 * document: all are merged anew, in the one write of the activation, since nobody may read the values by the wrong kind in between.
 */
async function rebuildContested(
  view: WriteView,
  current: CollectionVersion | undefined,
  next: CollectionVersion,
  versions: readonly CollectionVersion[],
): Promise<void> {
  const contested = next.fields.filter((field) =>
    versions.some(({ collectionId, fields }) => collectionId === next.collectionId && fields.some((other) => isContested(field, other))),
  )
  if (contested.length === 0) return
  for (const { key, value } of await view.scan(keys.documentsOf(next.collectionId))) {
    const record = decodeRecord(value)
    const names = contested.map(({ name }) => name).filter((name) => record.fields.has(name))
    if (names.length > 0) await rebuildFields(view, current, next, keys.docIdOf(key), new Set(names))
  }
}

function isContested(field: FieldDescription, other: FieldDescription): boolean {
  if (field.name !== other.name || field.kind.type !== 'value' || other.kind.type !== 'value') return false
  return field.kind.name !== other.kind.name || field.crdt !== other.crdt
}

/** Merges these fields of one document from its whole history, and marks anew what even `next` cannot merge. */
async function rebuildFields(
  view: WriteView,
  current: CollectionVersion | undefined,
  next: CollectionVersion,
  docId: string,
  names: ReadonlySet<string>,
): Promise<void> {
  const stored = await view.get(keys.document(next.collectionId, docId))
  if (stored === undefined) return
  const history = (await view.scan(keys.commitsOf(docId))).map(({ value }) => openCommit(value))
  const marks = await marksOf(view, next, docId)
  const opened = await openCommits(view, history)
  const rebuilt = new Map<string, FieldRecord>()
  const applied = new Set<string>()
  for (const { composite, fields } of ancestorsFirst(history)) {
    const aside: string[] = []
    for (const sealed of fields) {
      const { fieldName } = sealed.block.delta
      const field = next.fields.find(({ name }) => name === fieldName)
      if (field === undefined || !names.has(fieldName)) continue
      if (readField(next, sealed, opened.plainData).kind !== 'read') {
        aside.push(fieldName)
      } else if (!applied.has(cidKey(sealed.cid))) {
        // Two writers who created the same document have made one block, in a commit each.
        applied.add(cidKey(sealed.cid))
        rebuilt.set(fieldName, mergeField(field, rebuilt.get(fieldName), sealed, opened.plainData.get(cidKey(sealed.cid))))
      }
    }
    const key = keys.leftAside(next.collectionId, docId, composite.cid)
    const before = marks.get(bytesToMapKey(key))
    const after = [...(before ?? []).filter((name) => !names.has(name)), ...aside]
    if (after.length > 0) markLeftAside(view, next, docId, composite.cid, after)
    else if (before !== undefined) view.delete(key)
  }
  const record = decodeRecord(stored)
  const kept = [...record.fields].filter(([name]) => !names.has(name))
  const after: DocumentRecord = {
    status: record.status,
    ...(record.secrecy === undefined ? {} : { secrecy: record.secrecy }),
    schemaVersionId: record.schemaVersionId,
    heads: record.heads,
    fields: new Map([...kept, ...rebuilt]),
  }
  // Without a version that was active there are no entries to keep: those of `next` are built.
  await putRecord(view, current ?? { ...next, indexes: [] }, docId, record, after, 'merge')
}

/** The names in the marks of one document, by key. */
async function marksOf(view: View, { collectionId }: CollectionVersion, docId: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = await view.scan(keys.leftAsideOf(collectionId, docId))
  return new Map(entries.map(({ key, value }) => [bytesToMapKey(key), decodeMark(value).fields]))
}

/** Names of fields may be of peers, hence any text. */
function encodeMark({ leftBy, fields }: Mark): Uint8Array {
  return encodeText(JSON.stringify([leftBy, ...fields]))
}

function decodeMark(bytes: Uint8Array): Mark {
  const stored: unknown = JSON.parse(decodeText(bytes))
  if (!Array.isArray(stored)) throw new DatabaseError('CORRUPT_DATA', 'the mark of a commit cannot be read', { what: 'mark' })
  const [leftBy = '', ...fields] = stored.map(String)
  return { leftBy, fields }
}
