import type { DocumentValue } from '../../schema/document-value.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { printJson, shortestFloat32 } from '../../document/json-print.ts'
import { isList } from '../../document/json-value.ts'
import { documentNames } from '../../query/dialect/document-names.ts'
import { compareText } from '../../util/bytes.ts'
import type { Pacer } from '../../util/pacer.ts'
import type { FieldValues } from '../../document/field-values.ts'
import type { Catalog } from '../catalog.ts'
import type { BackupApi } from '../database.ts'
import type { EngineCore } from '../engine.ts'
import type { View } from '../view.ts'
import { backupCollection } from './backup-collection.ts'
import { findNewIds } from './new-ids.ts'
import { shownDocuments } from './shown-documents.ts'

/** Characters of a piece: enough that a file is not written in crumbs, and little to hold. */
const PIECE = 65_536

/** The contract stands in `BackupApi`. The snapshot is there until the reader has the last piece or leaves. */
export async function* exportBackup(core: EngineCore, options: Parameters<BackupApi['export']>[0] = {}): AsyncGenerator<string, void> {
  const { collections: names = [], pretty = false, onProgress, signal } = options
  const pacer = core.pacer('an export', signal)
  const snapshot = await core.snapshots.open(undefined, { isRemembering: false })
  try {
    const { catalog } = snapshot
    const collections = chosenCollections(catalog, names)
    const total = onProgress === undefined ? undefined : await countDocuments(snapshot, collections, pacer)
    let done = 0
    let piece = ''
    for await (const text of backupTexts(snapshot, catalog, collections, pretty ? PRETTY : COMPACT, pacer)) {
      piece += text.text
      done += text.documents
      if (piece.length < PIECE) continue
      yield piece
      piece = ''
      if (total !== undefined) onProgress?.({ done, total })
    }
    yield piece
    if (total !== undefined) onProgress?.({ done, total })
  } finally {
    snapshot.release()
  }
}

/** Those that are named, each once, or all: in the order of their version IDs, as the reference has them. */
function chosenCollections(catalog: Catalog, names: readonly string[]): readonly CollectionVersion[] {
  if (names.length > 0) return [...new Set(names)].map((name) => backupCollection(catalog, name))
  return catalog.active().toSorted((a, b) => compareText(a.versionId, b.versionId))
}

async function countDocuments(view: View, collections: readonly CollectionVersion[], pacer: Pacer): Promise<number> {
  let count = 0
  for (const collection of collections) for await (const _ of shownDocuments(view, collection, pacer)) count++
  return count
}

/** What stands around documents and within them. */
interface Layout {
  readonly open: string
  readonly name: (name: string) => string
  readonly document: (members: Readonly<Record<string, DocumentValue>>) => string
  readonly comma: string
  readonly endCollection: string
  readonly end: string
}

const COMPACT: Layout = {
  open: '{',
  name: (name) => `${printJson(name)}:[`,
  document: (members) => printJson(members),
  comma: ',',
  endCollection: ']',
  end: '}',
}

const PRETTY: Layout = {
  open: '{\n',
  name: (name) => `  ${printJson(name)}: [\n`,
  document: (members) => `    ${printJson(members, '  ', '    ')}`,
  comma: ',\n',
  endCollection: '\n  ]',
  end: '\n}',
}

/** The text in small pieces, with the number of documents that each completes. */
async function* backupTexts(
  view: View,
  catalog: Catalog,
  collections: readonly CollectionVersion[],
  layout: Layout,
  pacer: Pacer,
): AsyncGenerator<{ readonly text: string; readonly documents: number }> {
  const newIds = await findNewIds(view, collections, pacer)
  yield { text: layout.open, documents: 0 }
  for (const [index, collection] of collections.entries()) {
    const { shown } = documentNames(catalog.dialect, collection)
    yield { text: `${index === 0 ? '' : layout.comma}${layout.name(collection.name)}`, documents: 0 }
    let comma = ''
    for await (const document of shownDocuments(view, collection, pacer)) {
      const { docId, values } = newIds.of(collection, document)
      const members = { _docID: document.docId, _docIDNew: docId, ...printable(collection, values, shown) }
      yield { text: comma + layout.document(members), documents: 1 }
      comma = layout.comma
    }
    yield { text: layout.endCollection, documents: 0 }
  }
  yield { text: layout.end, documents: 0 }
}

/** Values by the names of the dialect, numbers of 32 bits as they were given. */
function printable(
  collection: CollectionVersion,
  values: FieldValues,
  shown: (field: string) => string,
): Readonly<Record<string, DocumentValue>> {
  const members: Record<string, DocumentValue> = {}
  for (const { name, kind } of collection.fields) {
    const value = values.get(name)
    if (value === undefined) continue
    members[shown(name)] = kind.type === 'value' && kind.scalar === 'Float32' ? shortened(value) : value
  }
  return members
}

function shortened(value: DocumentValue): DocumentValue {
  if (isList(value)) return value.map(shortened)
  return typeof value === 'number' ? shortestFloat32(value) : value
}
