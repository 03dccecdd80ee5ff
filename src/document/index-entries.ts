import { STATUS_DELETED } from '../block/block.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { isFailure } from '../errors.ts'
import { bytesToMapKey, concatBytes } from '../util/bytes.ts'
import { ID_FIELD, roomOfPart, type IndexLayout, type IndexPart, type PartThrough } from './index-layout.ts'
import { isVoid, partBytes, roomOfPath, turned, type EncodedPart } from './index-part.ts'
import { memberPath, ROOT_PATH } from './index-path.ts'
import { isList } from './json-value.ts'
import { keys } from './keys.ts'
import type { DocumentRecord } from './record.ts'
import { decodeValue } from './value.ts'

/** Each entry is a key of the store: a document with more would cost more than all others. */
export const MAX_ENTRIES = 4_096

/** The entries of one document in one index. */
export type EntriesOfDocument =
  | { readonly kind: 'whole'; readonly entries: readonly IndexEntry[] }
  /** At least so many: beyond the limit equal values are not told apart any more, nor kept. */
  | { readonly kind: 'too many'; readonly count: number }

export interface IndexEntry {
  readonly key: Uint8Array
  /** Several documents may have it in a unique index: a value is null or there is none. */
  readonly isShared: boolean
}

/** Keys of the entries of one document, each once: none for one that is not shown. @throws RangeError for more than `MAX_ENTRIES`; see `entriesOfDocument` */
export function indexEntries(layout: IndexLayout, docId: string, record: DocumentRecord): readonly Uint8Array[] {
  const found = entriesOfDocument(layout, docId, record)
  if (found.kind === 'too many')
    throw new RangeError(`${docId} has ${found.count} entries or more in index ${layout.id}; the most is ${MAX_ENTRIES}`)
  return found.entries.map(({ key }) => key)
}

/** The product of what each field gives: see `PartPlace`. */
export function entriesOfDocument(layout: IndexLayout, docId: string, record: DocumentRecord): EntriesOfDocument {
  if (record.status === STATUS_DELETED || record.secrecy === 'sealed') return { kind: 'whole', entries: [] }
  const room = roomOfPart(layout)
  const choices = layout.parts.map((part) => partsOf(part, fieldValue(part, docId, record), room))
  const count = choices.reduce((product, { length }) => product * length, 1)
  if (count > MAX_ENTRIES) return { kind: 'too many', count }
  const combined = choices.reduce<readonly EncodedPart[]>(
    (heads, tails) =>
      heads.flatMap((head) => tails.map((tail) => ({ bytes: concatBytes(head.bytes, tail.bytes), isVoid: head.isVoid || tail.isVoid }))),
    [{ bytes: new Uint8Array(), isVoid: false }],
  )
  const entries = combined.map((parts) => ({
    key: keys.indexEntry(layout.collectionId, layout.id, parts.bytes, docId),
    isShared: parts.isVoid,
  }))
  return { kind: 'whole', entries }
}

function fieldValue({ field, kind }: IndexPart, docId: string, record: DocumentRecord): DocumentValue {
  if (field === ID_FIELD) return docId
  const data = record.fields.get(field)?.data
  if (data === undefined) return null
  try {
    return decodeValue(kind, data)
  } catch (error) {
    // Versions from one root may each have a field of this name as another thing. Until it is merged anew, nobody can ask for what stands here.
    if (isFailure(error, 'CORRUPT_DATA')) return null
    throw error
  }
}

/** What a field's value gives, each once. */
function partsOf(part: IndexPart, value: DocumentValue, room: number): readonly EncodedPart[] {
  const encode = (through: PartThrough, scalar: DocumentValue, path?: Uint8Array): EncodedPart => {
    const { bytes } = partBytes(part, path, through, scalar, room)
    return { bytes: part.descending ? turned(bytes) : bytes, isVoid: isVoid(through, scalar) }
  }
  const found = new Map<string, EncodedPart>()
  const add = (through: PartThrough, scalar: DocumentValue, path?: Uint8Array): void => {
    // Peers decide how many there are.
    if (found.size > MAX_ENTRIES) return
    const encoded = encode(through, scalar, path)
    found.set(bytesToMapKey(encoded.bytes), encoded)
  }

  function addList(elements: readonly DocumentValue[], path?: Uint8Array): void {
    if (elements.length === 0) add('empty', null, path)
    for (const element of elements) if (!isTree(element)) add('element', element, path)
  }

  function addTree(tree: DocumentValue, path: Uint8Array): void {
    if (isList(tree)) addList(tree, path)
    else if (!isTree(tree)) add('value', tree, path)
    else for (const [name, member] of Object.entries(tree)) addTree(member, memberPath(path, name, roomOfPath(room)))
  }

  if (part.kind.scalar === 'JSON') {
    addTree(value, ROOT_PATH)
    if (found.size === 0) add('nothing', null, ROOT_PATH)
  } else if (isList(value)) {
    addList(value)
  } else {
    return [encode('value', value)]
  }
  return [...found.values()]
}

function isTree(value: DocumentValue): value is Exclude<DocumentValue, null | boolean | number | bigint | string> {
  return typeof value === 'object' && value !== null
}
