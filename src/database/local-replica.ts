import type { Cid } from '../block/cid.ts'
import { openCommit } from '../block/commit.ts'
import { headCids } from '../dag/heads.ts'
import { commitsSince } from '../dag/walk.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { EngineCore } from './engine.ts'
import { mergeCommits, type Merged } from './merge-commits.ts'
import type { DocumentHeads, Replica } from './replica.ts'

/** The network's view of an engine. */
export function createReplica(core: EngineCore): Replica {
  const collectionOf = (collectionId: string): CollectionVersion => {
    const collection = core.catalog().byId(collectionId)
    if (collection === undefined) {
      throw new DatabaseError('NOT_FOUND', `no collection has the ID "${collectionId}"`, { what: 'collection', id: collectionId })
    }
    return collection
  }

  return {
    collectionIds: () =>
      core
        .catalog()
        .active()
        .map((collection) => collection.collectionId),
    collectionName: (collectionId) => core.catalog().byId(collectionId)?.name,
    merge: async (collectionId, commits, options) => {
      const collection = collectionOf(collectionId)
      const reads = [...new Set(commits.map((commit) => commit.composite.block.delta.docId))].flatMap((docId) =>
        keys.isDocumentId(docId) ? [keys.document(collectionId, docId)] : [],
      )
      const merged = await core.writer.run<Merged>(
        {
          name: `merge into ${collection.name}`,
          reads,
          body: (view) => mergeCommits(view, collection, commits),
          stored: ({ written }) => core.announce(written, options.peer ?? ''),
        },
        options.signal,
      )
      return merged.report
    },
    documentHeads: async (collectionId, { after, limit }) => {
      const range = keys.documentsOf(collectionId)
      const from = after === undefined ? range : { ...range, from: keys.after(keys.document(collectionId, after)) }
      const entries = await core.store.scan(from, { limit })
      return entries.map(({ key, value }) => documentHeads(keys.docIdOf(key), value))
    },
    headsOf: async (collectionId, docIds) => {
      const known = docIds.filter((docId) => keys.isDocumentId(docId))
      const values = await core.store.getMany(known.map((docId) => keys.document(collectionId, docId)))
      return known.map((docId, index) => {
        const value = values[index]
        return value === undefined ? { docId, heads: [] } : documentHeads(docId, value)
      })
    },
    lacking: async (_collectionId, documents) => {
      const asked = documents.flatMap(({ docId, heads }) => (keys.isDocumentId(docId) ? heads.map((cid) => ({ docId, cid })) : []))
      const stored = await core.store.getMany(asked.map(({ docId, cid }) => keys.commit(docId, cid)))
      const absent = new Map<string, Cid[]>()
      for (const [index, { docId, cid }] of asked.entries()) {
        if (stored[index] !== undefined) continue
        const heads = absent.get(docId)
        if (heads === undefined) absent.set(docId, [cid])
        else heads.push(cid)
      }
      return [...absent].map(([docId, heads]) => ({ docId, heads }))
    },
    commitsSince: async (_collectionId, docId, have) => {
      const entries = await core.store.scan(keys.commitsOf(docId))
      return commitsSince(
        entries.map((entry) => openCommit(entry.value)),
        have,
      )
    },
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

function documentHeads(docId: string, record: Uint8Array): DocumentHeads {
  return { docId, heads: headCids(decodeRecord(record).heads) }
}
