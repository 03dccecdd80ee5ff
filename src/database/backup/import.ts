import type { FieldValues } from '../../document/field-values.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { withDefaults } from '../../document/document-input.ts'
import type { Catalog } from '../catalog.ts'
import type { BackupApi, ProgressOptions } from '../database.ts'
import { readSource } from '../document-source.ts'
import { withNewVectors } from '../embedding/fill-vectors.ts'
import { checkOneToOne } from '../one-to-one.ts'
import type { Session } from '../session.ts'
import { createDocuments, updateDocuments, type WrittenCommit, type WriteTools } from '../write-documents.ts'
import type { WriteView } from '../view.ts'
import { planImport, type PlannedCollection } from './plan-import.ts'
import { readBackup, type BackupDocument } from './read-backup.ts'
import { textPieces } from './text-pieces.ts'

const OPERATION = 'an import'

/** Documents between two reports of the progress; their records are read together. */
const CREATED_AT_ONCE = 512

/** The contract stands in `BackupApi`. */
export async function importBackup(
  session: Session,
  source: Parameters<BackupApi['import']>[0],
  { onProgress = () => {}, signal }: ProgressOptions & { readonly signal: AbortSignal },
): Promise<{ readonly documents: number }> {
  const documents = await readDocuments(session, source, signal)
  const total = documents.length
  let reported = 0
  await session.write(
    {
      name: OPERATION,
      body: async (view, catalog, vectors) => {
        refuseOutdated(catalog, documents)
        const tools = { vectors, pacer: session.pacer(OPERATION, signal), randomness: session.randomness }
        const complete = (collection: CollectionVersion, values: FieldValues): FieldValues => withNewVectors(collection, values, vectors)
        const planned = await planImport(documents, complete, tools.pacer)
        return writePlanned(view, planned, { ...tools, catalog, overflows: session.overflows }, (done) => {
          // Run again for vectors, it starts over; and the last report is for when everything is stored.
          if (done <= reported || done === total) return
          reported = done
          onProgress({ done, total })
        })
      },
    },
    signal,
  )
  onProgress({ done: total, total })
  return { documents: total }
}

/** The documents of the text, with their defaults: `@default(dateTime: UTC_NOW)` is the same for all runs of the write. */
async function readDocuments(
  session: Session,
  source: Parameters<BackupApi['import']>[0],
  signal: AbortSignal,
): Promise<readonly BackupDocument[]> {
  const now = new Date()
  const documents: BackupDocument[] = []
  const pieces = textPieces(source, OPERATION, signal)
  try {
    for await (const document of readBackup(pieces, session.catalog(), session.pacer(OPERATION, signal))) {
      documents.push({ ...document, values: withDefaults(document.collection, document.values, () => now) })
    }
  } finally {
    await pieces.return()
  }
  return documents
}

function refuseOutdated(catalog: Catalog, documents: readonly BackupDocument[]): void {
  for (const collection of new Set(documents.map((document) => document.collection))) {
    if (catalog.byId(collection.collectionId) === collection) continue
    throw new DatabaseError('CONFLICT', `the collection "${collection.name}" was changed while the backup was read; import it again`, {})
  }
}

/** First all documents, then the links that need all of them. */
async function writePlanned(
  view: WriteView,
  planned: readonly PlannedCollection[],
  tools: WriteTools & { readonly catalog: Catalog; readonly overflows: Session['overflows'] },
  onDone: (documents: number) => void,
): Promise<readonly WrittenCommit[]> {
  const written: WrittenCommit[] = []
  const source = readSource(view, tools)
  const note = (commits: readonly WrittenCommit[]): void => {
    for (const commit of commits) written.push(commit)
  }
  let done = 0
  for (const { collection, documents } of planned) {
    await checkOneToOne(tools.catalog, collection, documents, source)
    for (let start = 0; start < documents.length; start += CREATED_AT_ONCE) {
      const part = documents.slice(start, start + CREATED_AT_ONCE)
      note(await createDocuments(view, collection, part, tools))
      onDone((done += part.length))
    }
  }
  for (const { collection, late } of planned) {
    await checkOneToOne(tools.catalog, collection, late, source)
    for (const { docId, values } of late) note(await updateDocuments(view, collection, [docId], values, tools))
  }
  return written
}
