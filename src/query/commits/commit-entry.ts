import type { CollectionDelta, CompositeDelta, DagLink, FieldDelta, Sealed, SealedBlock, SignatureBlock } from '../../block/block.ts'
import { cidKey, cidToText, type Cid } from '../../block/cid.ts'
import type { Head } from '../../document/record.ts'
import { DatabaseError } from '../../errors.ts'
import { bytesToBase64 } from '../../util/bytes.ts'
import { FailedCell } from '../plan/execution.ts'
import type { RequestField } from '../request/request-field.ts'

/** The field name of a commit of a whole document. */
export const COMPOSITE = '_C'

/** The name of a link to what a commit builds on. */
const HEAD = '_head'

/** A block as queries of history show it. */
export interface CommitEntry {
  readonly cid: Cid
  readonly height: number
  /** Null for a commit of a collection. */
  readonly docId: string | null
  /** Of a field, `_C` for a document, null for a collection. */
  readonly fieldName: string | null
  readonly schemaVersionId: string
  readonly delta: Uint8Array | null
  readonly heads: readonly Cid[]
  readonly links: readonly DagLink[]
  /** Null for a block that is not signed, and for one whose signature is not here. Nothing is said about whether it is right. */
  readonly signature: SignatureBlock | null
}

/** What is known of a head without reading its commit. */
export function entryOfHead(docId: string, { cid, height }: Head): CommitEntry {
  return { cid, height, docId, fieldName: COMPOSITE, schemaVersionId: '', delta: null, heads: [], links: [], signature: null }
}

/** Signature blocks by the keys of their CIDs. */
export type SignatureByCid = ReadonlyMap<string, SignatureBlock>

/** The signatures that came along with commits. */
export function signaturesOf(commits: readonly { readonly signatures?: readonly Sealed<SignatureBlock>[] }[]): SignatureByCid {
  return new Map(commits.flatMap(({ signatures = [] }) => signatures.map(({ cid, block }) => [cidKey(cid), block] as const)))
}

export function entryOfBlock(
  { cid, block }: SealedBlock<CompositeDelta | FieldDelta | CollectionDelta>,
  signatures: SignatureByCid,
): CommitEntry {
  const { delta, heads, links } = block
  const signature = (block.signature === undefined ? undefined : signatures.get(cidKey(block.signature))) ?? null
  const shared = { cid, height: delta.priority, schemaVersionId: delta.schemaVersionId, heads, links, signature }
  switch (delta.kind) {
    case 'collection':
      return { ...shared, docId: null, fieldName: null, delta: null }
    case 'composite':
      return { ...shared, docId: delta.docId, fieldName: COMPOSITE, delta: null }
    case 'lww':
    case 'counter':
      return { ...shared, docId: delta.docId, fieldName: delta.fieldName, delta: delta.data }
  }
}

/** A selected field of a commit; `undefined` for one that a single commit does not have. */
export function showEntryField(field: RequestField, entry: CommitEntry): unknown {
  return VALUES.get(field.name)?.(entry, field)
}

/** The selected fields of a commit. */
export function showEntry(fields: readonly RequestField[], entry: CommitEntry): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.map((field) => [field.key, showEntryField(field, entry) ?? null]))
}

const VALUES: ReadonlyMap<string, (entry: CommitEntry, field: RequestField) => unknown> = new Map([
  ['__typename', (_: CommitEntry, { on }: RequestField): unknown => on],
  ['cid', ({ cid }) => cidToText(cid)],
  ['height', ({ height }) => height],
  ['docID', ({ docId }) => docId],
  ['fieldName', ({ fieldName }) => fieldName],
  ['schemaVersionId', ({ schemaVersionId }) => schemaVersionId],
  ['delta', ({ delta }) => (delta === null ? null : bytesToBase64(delta))],
  ['links', (entry, { fields }) => linksOf(entry).map((link) => showLink(fields, link))],
  ['_count', (entry, field) => (field.arguments['field'] === 'links' ? linksOf(entry).length : missingCount())],
  ['signature', ({ signature }, { fields }) => (signature === null ? null : showSignature(fields, signature))],
])

/** What a commit builds on, then what it contains. */
function linksOf({ heads, links }: CommitEntry): readonly DagLink[] {
  return [...heads.map((cid) => ({ name: HEAD, cid })), ...links]
}

function showLink(fields: readonly RequestField[], { name, cid }: DagLink): Readonly<Record<string, unknown>> {
  const shown: Readonly<Record<string, () => unknown>> = {
    cid: () => cidToText(cid),
    // The link of a collection's commit has no name.
    name: () => (name === '' ? null : name),
  }
  return showMembers(fields, shown)
}

/** The kind of key and the public key as the signer wrote them; the signature as base64, like `delta`. */
function showSignature(fields: readonly RequestField[], { type, identity, value }: SignatureBlock): Readonly<Record<string, unknown>> {
  return showMembers(fields, { type: () => type, identity: () => identity, value: () => bytesToBase64(value) })
}

function showMembers(fields: readonly RequestField[], members: Readonly<Record<string, () => unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.map(({ key, name, on }) => [key, name === '__typename' ? on : (members[name]?.() ?? null)]))
}

function missingCount(): FailedCell {
  return new FailedCell(
    new DatabaseError('INVALID_REQUEST', 'aggregate must be provided with a property to aggregate: _count(field: links)', {}),
  )
}
