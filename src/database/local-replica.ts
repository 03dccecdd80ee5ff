import { cidKey, type Cid } from '../block/cid.ts'
import { openCommit } from '../block/commit.ts'
import {
  COLLECTION_DAG,
  documentOf,
  isCollectionCommit,
  isDocumentCommit,
  openReplicated,
  packReplicated,
  type ReplicatedCommit,
} from '../block/replicated-commit.ts'
import { headCids } from '../dag/heads.ts'
import { commitsSince } from '../dag/walk.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { Pacer } from '../util/pacer.ts'
import type { EngineCore } from './engine.ts'
import { addKeys } from './add-keys.ts'
import { createForgeries, isSigned } from './forgeries.ts'
import { mergeCollectionCommits } from './merge-collection.ts'
import { mergeCommits, type Merged } from './merge-commits.ts'
import { packedSince } from './packed-since.ts'
import type { DocumentHeads, DocumentLack, Rejection, Replica } from './replica.ts'
import { addSchema } from './schema-api.ts'
import { databaseSession } from './session.ts'
import type { WriteView } from './view.ts'
import { readCollectionHeads } from './write-documents.ts'

const NOTHING_FORGED: ReadonlyMap<ReplicatedCommit, Rejection> = new Map()

/** The network's view of an engine. */
export function createReplica(core: EngineCore): Replica {
  const collectionOf = (collectionId: string): CollectionVersion => {
    const collection = core.catalog().byId(collectionId)
    if (collection === undefined) {
      throw new DatabaseError('NOT_FOUND', `no collection has the ID "${collectionId}"`, { what: 'collection', id: collectionId })
    }
    return collection
  }

  async function collectionHeads(collectionId: string): Promise<readonly DocumentHeads[]> {
    const heads = await readCollectionHeads(core.store, collectionOf(collectionId))
    return heads.length === 0 ? [] : [{ docId: COLLECTION_DAG, heads: headCids(heads) }]
  }

  async function collectionCommits(collectionId: string): Promise<readonly ReplicatedCommit[]> {
    const entries = await core.store.scan(keys.collectionBlocksOf(collectionId))
    return entries.map(({ value }) => openReplicated(value))
  }

  async function headsOf(collectionId: string, docIds: readonly string[]): Promise<readonly DocumentHeads[]> {
    const known = docIds.filter((docId) => keys.isDocumentId(docId))
    const values = await core.store.getMany(known.map((docId) => keys.document(collectionId, docId)))
    const [own] = docIds.includes(COLLECTION_DAG) ? await collectionHeads(collectionId) : []
    return known.map((docId, index) => {
      if (docId === COLLECTION_DAG && own !== undefined) return own
      const value = values[index]
      return value === undefined ? { docId, heads: [] } : documentHeads(docId, value)
    })
  }

  async function lacking(collectionId: string, documents: readonly DocumentHeads[]): Promise<readonly DocumentLack[]> {
    const named = documents.filter(({ heads }) => heads.length > 0)
    const here = await headsOf(
      collectionId,
      named.map(({ docId }) => docId),
    )
    const heldByDocument = new Map(here.map(({ docId, heads }) => [docId, heads]))
    // Of a document that is not here no commit is; of one that is, others than its heads are looked up.
    const asked = named.flatMap(({ docId, heads }) => {
      const held = new Set(heldByDocument.get(docId)?.map(cidKey))
      return held.size === 0 ? [] : heads.flatMap((cid) => (held.has(cidKey(cid)) ? [] : { docId, cid }))
    })
    const stored = asked.length === 0 ? [] : await core.store.getMany(asked.map(({ docId, cid }) => commitKey(collectionId, docId, cid)))
    const below = new Set(asked.flatMap(({ docId, cid }, index) => (stored[index] === undefined ? [] : docId + cidKey(cid))))
    return named.flatMap(({ docId, heads }) => {
      const held = heldByDocument.get(docId)
      if (held === undefined) return []
      const known = new Set(held.map(cidKey))
      const absent = heads.filter((cid) => !known.has(cidKey(cid)) && !below.has(docId + cidKey(cid)))
      return absent.length === 0 ? [] : { docId, heads: absent, held }
    })
  }

  const forgeries = createForgeries({ replica: { lacking }, pacer: (signal) => core.pacer('verifying signatures', signal) })

  return {
    collectionIds: () =>
      core
        .catalog()
        .active()
        .map((collection) => collection.collectionId),
    collectionName: (collectionId) => core.catalog().byId(collectionId)?.name,
    versions: () => core.catalog().versions,
    addTypes: async (sdl, dialect) => {
      await addSchema(databaseSession(core), sdl, 'skip', dialect)
    },
    merge: async (collectionId, given, options) => {
      const collection = collectionOf(collectionId)
      // Without a wait where nothing is signed, so that those who write in the same moment share one write of the storage.
      const forged = given.some(isSigned) ? await forgeries.among(collectionId, given, options.signal) : NOTHING_FORGED
      const commits = given.filter((commit) => !forged.has(commit))
      const rejected = [...forged.values()]
      // What only forgers have sent costs no write.
      if (commits.length === 0) return { merged: 0, known: 0, rejected, missing: [] }
      const reads = [...new Set(commits.filter(isDocumentCommit).map(documentOf))].flatMap((docId) =>
        keys.isDocumentId(docId) ? [keys.document(collectionId, docId)] : [],
      )
      const merged = await core.writer.run<Merged>(
        {
          name: `merge into ${collection.name}`,
          reads,
          // By the version that is active when the turn comes: another one may just have become it.
          body: async (view) => {
            const pacer = core.pacer('a merge', options.signal)
            const result = await mergeReplicated(view, collectionOf(collectionId), commits, core.catalog().versions, pacer)
            // For the writers of the same batch, who see it before it is stored.
            core.overflows.note(view.changes())
            return result
          },
          stored: async ({ written, violations }) => {
            await core.announce(written, options.peer ?? '')
            for (const violation of violations) core.events.emit('index:violation', violation)
          },
        },
        options.signal,
      )
      return { ...merged.report, rejected: [...rejected, ...merged.report.rejected] }
    },
    forged: async (collectionId, commits) => [...(await forgeries.among(collectionId, commits, undefined)).values()],
    fingerprints: (collectionId) => core.fingerprints.of(collectionOf(collectionId).collectionId),
    documentHeads: async (collectionId, { from, after, to, limit }) => {
      const isFirst = after === undefined && (from === undefined || from === COLLECTION_DAG)
      const own = isFirst ? await collectionHeads(collectionId) : []
      const all = keys.documentsOf(collectionId)
      const range = {
        ...all,
        ...(from === undefined ? {} : { from: keys.document(collectionId, from) }),
        ...(after === undefined ? {} : { from: keys.after(keys.document(collectionId, after)) }),
        ...(to === undefined ? {} : { to: keys.after(keys.document(collectionId, to)) }),
      }
      const entries = await core.store.scan(range, { limit: limit - own.length })
      return [...own, ...entries.map(({ key, value }) => documentHeads(keys.docIdOf(key), value))]
    },
    headsOf,
    lacking,
    commitsSince: async (collectionId, docId, have) => {
      if (docId === COLLECTION_DAG) return commitsSince(await collectionCommits(collectionId), have)
      const entries = await core.store.scan(keys.commitsOf(docId))
      return commitsSince(
        entries.map((entry) => openCommit(entry.value)),
        have,
      )
    },
    packedSince: async (collectionId, documents) => {
      const own = documents.find(({ docId }) => docId === COLLECTION_DAG)
      const blocks = own === undefined ? [] : commitsSince(await collectionCommits(collectionId), own.heads).map(packReplicated)
      return [...blocks, ...(await packedSince(core.store, collectionId, documents))]
    },
    addKeys: (blocks) => addKeys(core, blocks),
    setting: (name) => core.store.get(keys.setting(name)),
    setSetting: (name, value) =>
      core.writer.run({
        name: `setting "${name}"`,
        body: async (view) => {
          if (value === undefined) view.delete(keys.setting(name))
          else view.put(keys.setting(name), value)
        },
      }),
    events: core.events.target,
    emit: core.events.emit,
    onCommits: core.onCommits,
  }
}

function commitKey(collectionId: string, docId: string, cid: Cid): Uint8Array {
  return docId === COLLECTION_DAG ? keys.collectionBlock(collectionId, cid) : keys.commit(docId, cid)
}

/** Merges the commits of documents and those of the collection's own DAG, in one write. */
async function mergeReplicated(
  view: WriteView,
  collection: CollectionVersion,
  commits: readonly ReplicatedCommit[],
  versions: readonly CollectionVersion[],
  pacer: Pacer,
): Promise<Merged> {
  const documents = await mergeCommits(view, collection, commits.filter(isDocumentCommit), versions, pacer)
  const blocks = commits.filter(isCollectionCommit)
  if (blocks.length === 0) return documents
  const own = await mergeCollectionCommits(view, collection, blocks, pacer)
  return {
    written: [...documents.written, ...own.written],
    violations: documents.violations,
    report: {
      merged: documents.report.merged + own.report.merged,
      known: documents.report.known + own.report.known,
      rejected: [...documents.report.rejected, ...own.report.rejected],
      missing: [...documents.report.missing, ...own.report.missing],
    },
  }
}

function documentHeads(docId: string, record: Uint8Array): DocumentHeads {
  return { docId, heads: headCids(decodeRecord(record).heads) }
}
