import { STATUS_ACTIVE, type Commit } from '../block/block.ts'
import { cidKey, rawCid, cidToText, type Cid } from '../block/cid.ts'
import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import { isDocumentCommit, packReplicated } from '../block/replicated-commit.ts'
import type { DatabaseEvents } from '../database/database.ts'
import { fingerprintsOfDocuments, type Fingerprints } from '../database/fingerprints.ts'
import type { CommitBatch, DocumentHeads, MergeReport, Replica } from '../database/replica.ts'
import { commitsSince } from '../dag/walk.ts'
import { docIdFromBytes, isDocId } from '../document/document-id.ts'
import { DatabaseError } from '../errors.ts'
import { concatBytes, encodeText } from '../util/bytes.ts'
import { createEmitter } from '../util/typed-event-target.ts'

/** A replica in memory, with commits of real bytes and no document model: what the network's tests run on. */
export interface MemoryReplica extends Replica {
  /** Adds a collection, by name; the ID follows from the name. Returns the ID. */
  addCollection(name: string): string
  /** Writes a new document, or another commit of one that is there. Returns the document ID. */
  write(collectionId: string, docId?: string): string
  /** Writes so many new documents in one go. */
  writeMany(collectionId: string, count: number): readonly string[]
  /** All commits of all documents, as a text: equal texts are equal contents. */
  content(collectionId: string): string
  /** How many commits are there. */
  count(collectionId: string): number
  /** Resolves once a collection has so many commits. */
  untilCount(collectionId: string, count: number): Promise<void>
  /** Calls of `merge` so far, and commits handed to them. */
  readonly merges: { calls: number; commits: number }
}

export interface MemoryReplicaOptions {
  /** Settings, kept by the caller to play a restart. */
  readonly settings?: Map<string, Uint8Array>
  /** Fields of each commit, and bytes of each value. */
  readonly fields?: number
  readonly valueBytes?: number
}

interface StoredCollection {
  readonly documents: Map<string, StoredDocument>
  /** The document IDs in order; made when somebody lists them. */
  order: readonly string[] | undefined
  /** The fingerprints; made when somebody compares. */
  fingerprints: Fingerprints | undefined
}

interface StoredDocument {
  readonly commits: Map<string, Commit>
  heads: readonly Commit[]
}

/** Commits of this schema version are refused by `merge`, as ones that break a rule of the database are. */
export const REFUSED_VERSION = 'refused'

export function createMemoryReplica({ settings = new Map(), fields = 7, valueBytes = 30 }: MemoryReplicaOptions = {}): MemoryReplica {
  const names = new Map<string, string>()
  const collections = new Map<string, StoredCollection>()
  const listeners = new Set<(batch: CommitBatch) => void>()
  const events = createEmitter<DatabaseEvents>()
  const merges = { calls: 0, commits: 0 }

  function documentsOf(collectionId: string): Map<string, StoredDocument> {
    return collectionOf(collectionId).documents
  }

  function collectionOf(collectionId: string): StoredCollection {
    const collection = collections.get(collectionId)
    if (collection === undefined)
      throw new DatabaseError('NOT_FOUND', `no collection "${collectionId}"`, { what: 'collection', id: collectionId })
    return collection
  }

  function store(collectionId: string, commit: Commit): void {
    const collection = collectionOf(collectionId)
    const { documents } = collection
    const { docId } = commit.composite.block.delta
    if (!documents.has(docId)) collection.order = undefined
    collection.fingerprints = undefined
    const document = documents.get(docId) ?? { commits: new Map<string, Commit>(), heads: [] }
    const parents = new Set(commit.composite.block.heads.map(cidKey))
    document.commits.set(cidKey(commit.composite.cid), commit)
    document.heads = [...document.heads.filter(({ composite }) => !parents.has(cidKey(composite.cid))), commit]
    documents.set(docId, document)
  }

  function makeCommit(collectionId: string, docId: string): Commit {
    const heads = documentsOf(collectionId).get(docId)?.heads ?? []
    const priority = 1 + Math.max(0, ...heads.map(({ composite }) => composite.block.delta.priority))
    return aCommit({ docId, heads: heads.map(({ composite }) => composite.cid), priority, fields, valueBytes })
  }

  function tell(batch: CommitBatch): void {
    for (const listener of listeners) listener(batch)
  }

  function writeMany(collectionId: string, docIds: readonly string[]): readonly string[] {
    const commits = docIds.map((docId) => {
      const commit = makeCommit(collectionId, docId)
      store(collectionId, commit)
      return commit
    })
    tell({ collectionId, commits })
    return docIds
  }

  function count(collectionId: string): number {
    return [...documentsOf(collectionId).values()].reduce((sum, { commits }) => sum + commits.size, 0)
  }

  return {
    merges,
    addCollection: (name) => {
      const collectionId = cidToText(rawCid(encodeText(name)))
      names.set(collectionId, name)
      collections.set(collectionId, { documents: new Map(), order: undefined, fingerprints: undefined })
      events.emit('schema', { collections: [...names.values()] })
      return collectionId
    },
    write: (collectionId, docId = newDocId()) => {
      writeMany(collectionId, [docId])
      return docId
    },
    writeMany: (collectionId, many) =>
      writeMany(
        collectionId,
        Array.from({ length: many }, () => newDocId()),
      ),
    content: (collectionId) => {
      const documents = [...documentsOf(collectionId)].map(
        ([docId, { commits }]) => `${docId} ${[...commits.keys()].sort().map(escape).join(' ')}`,
      )
      return documents.sort().join('\n')
    },
    count,
    untilCount: (collectionId, wanted) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (count(collectionId) < wanted) return
          listeners.delete(check)
          resolve()
        }
        listeners.add(check)
        check()
      }),

    collectionIds: () => [...names.keys()],
    collectionName: (collectionId) => names.get(collectionId),
    // Collections of this replica are made of names alone.
    versions: () => [],
    addTypes: async () => {},
    merge: async (collectionId, commits, { peer }) => {
      merges.calls += 1
      merges.commits += commits.length
      const documents = documentsOf(collectionId)
      const merged: Commit[] = []
      const rejected: MergeReport['rejected'][number][] = []
      const missing: MergeReport['missing'][number][] = []
      let known = 0
      for (const commit of commits
        .filter(isDocumentCommit)
        .toSorted((a, b) => a.composite.block.delta.priority - b.composite.block.delta.priority)) {
        const { cid, block } = commit.composite
        const here = documents.get(block.delta.docId)?.commits
        const parents = block.heads.filter((parent) => here?.has(cidKey(parent)) !== true)
        if (here?.has(cidKey(cid)) === true) known += 1
        else if (!isDocId(block.delta.docId)) rejected.push({ kind: 'refused', cid, reason: 'it is of no document' })
        else if (block.delta.schemaVersionId === REFUSED_VERSION)
          rejected.push({ kind: 'refused', cid, reason: 'it is of a version that is refused' })
        else if (parents.length > 0) missing.push({ cid, docId: block.delta.docId, parents })
        else {
          store(collectionId, commit)
          merged.push(commit)
        }
      }
      // As a storage does: what is merged is told a moment later.
      await Promise.resolve()
      if (merged.length > 0) tell({ collectionId, commits: merged, ...(peer === undefined ? {} : { peer }) })
      return { merged: merged.length, known, rejected, missing }
    },
    forged: async () => [],
    fingerprints: async (collectionId) => {
      const collection = collectionOf(collectionId)
      const { documents } = collection
      return (collection.fingerprints ??= fingerprintsOfDocuments(
        [...documents.keys()].sort().map((docId) => headsOf(docId, documents.get(docId))),
      ))
    },
    documentHeads: async (collectionId, { from = '', after = '', to, limit }) => {
      const collection = collectionOf(collectionId)
      const order = (collection.order ??= [...collection.documents.keys()].sort())
      const inside = order.filter((docId) => docId >= from && docId > after && (to === undefined || docId <= to))
      return inside.slice(0, limit).map((docId) => headsOf(docId, collection.documents.get(docId)))
    },
    headsOf: async (collectionId, docIds) => docIds.map((docId) => headsOf(docId, documentsOf(collectionId).get(docId))),
    lacking: async (collectionId, documents) =>
      documents.flatMap(({ docId, heads }) => {
        const here = documentsOf(collectionId).get(docId)?.commits
        const absent = heads.filter((cid) => here?.has(cidKey(cid)) !== true)
        return absent.length === 0 ? [] : { docId, heads: absent, held: headsOf(docId, documentsOf(collectionId).get(docId)).heads }
      }),
    commitsSince: async (collectionId, docId, have) =>
      commitsSince([...(documentsOf(collectionId).get(docId)?.commits.values() ?? [])], have),
    packedSince: async (collectionId, documents) =>
      documents.flatMap(({ docId, heads }) =>
        commitsSince([...(documentsOf(collectionId).get(docId)?.commits.values() ?? [])], heads).map(packReplicated),
      ),
    addKeys: async () => {},
    setting: async (name) => settings.get(name),
    setSetting: async (name, value) => {
      if (value === undefined) settings.delete(name)
      else settings.set(name, value)
    },
    events: events.target,
    emit: events.emit,
    onCommits: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function headsOf(docId: string, document: StoredDocument | undefined): DocumentHeads {
  return { docId, heads: document?.heads.map(({ composite }) => composite.cid) ?? [] }
}

/** A document ID that nobody has. */
export function newDocId(): string {
  return docIdFromBytes(crypto.getRandomValues(new Uint8Array(16)))
}

export interface CommitShape {
  readonly docId?: string
  readonly heads?: readonly Cid[]
  readonly priority?: number
  readonly fields?: number
  readonly valueBytes?: number
  readonly schemaVersionId?: string
}

/** A commit with random values, on top of the given heads. */
export function aCommit({
  docId = newDocId(),
  heads = [],
  priority = 1,
  fields = 1,
  valueBytes = 8,
  schemaVersionId = 'bafkreia',
}: CommitShape = {}): Commit {
  const blocks = Array.from({ length: fields }, (_, index) =>
    sealBlock({
      delta: { kind: 'lww', data: someText(valueBytes), docId, priority, fieldName: `field${index}`, schemaVersionId },
      heads: priority === 1 ? [] : heads.slice(0, 1),
      links: [],
    }),
  )
  return sealCommit({ kind: 'composite', docId, status: STATUS_ACTIVE, priority, schemaVersionId }, heads, blocks)
}

/** The CBOR of a random text; of a long one only the beginning is random. */
function someText(length: number): Uint8Array {
  const value = new Uint8Array(length).fill(97)
  value.set(crypto.getRandomValues(new Uint8Array(Math.min(length, 1000))).map((byte) => 97 + (byte % 26)))
  if (length < 24) return concatBytes(Uint8Array.of(0x60 + length), value)
  if (length <= 0xff) return concatBytes(Uint8Array.of(0x78, length), value)
  if (length <= 0xffff) return concatBytes(Uint8Array.of(0x79, length >>> 8, length & 0xff), value)
  return concatBytes(Uint8Array.of(0x7a, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff), value)
}
