import type { CollectionDelta, Commit, SealedBlock } from './block.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { MAX_BLOCK_BYTES, openCommit, packCommit } from './commit.ts'
import { openBlock } from './codec.ts'

/**
 * A block of the DAG that a branchable collection keeps besides those of its documents. It travels and is merged like the commit of a document of its own,
 * and has the form of one without fields.
 */
export interface CollectionCommit {
  readonly composite: SealedBlock<CollectionDelta>
  readonly fields: readonly []
}

/** Whatever nodes exchange: commits of documents, and blocks of collections. */
export type ReplicatedCommit = Commit | CollectionCommit

/** Names the DAG of a collection where documents are named. No document has this ID: those are hashes, and say so in the digits that are 0 here. */
export const COLLECTION_DAG = 'bae-00000000-0000-0000-0000-000000000000'

/** The document a commit is of, or `COLLECTION_DAG`. */
export function documentOf(commit: ReplicatedCommit): string {
  return isDocumentCommit(commit) ? commit.composite.block.delta.docId : COLLECTION_DAG
}

export function isDocumentCommit(commit: ReplicatedCommit): commit is Commit {
  return commit.composite.block.delta.kind === 'composite'
}

export function isCollectionCommit(commit: ReplicatedCommit): commit is CollectionCommit {
  return commit.composite.block.delta.kind === 'collection'
}

export function collectionCommit(composite: SealedBlock<CollectionDelta>): CollectionCommit {
  return { composite, fields: [] }
}

/** The bytes of a commit on the wire: those of `packCommit`, or an array of the one collection block. */
export function packReplicated(commit: ReplicatedCommit): Uint8Array {
  if (isDocumentCommit(commit)) return packCommit(commit)
  return new CborWriter(commit.composite.bytes.length + 8).array(1).bytes(commit.composite.bytes).finish()
}

/** Reads what `packReplicated` wrote, from bytes nobody vouches for, like `openCommit`. @throws CORRUPT_DATA */
export function openReplicated(bytes: Uint8Array): ReplicatedCommit {
  const reader = new CborReader(bytes, 'commit')
  if (reader.array() !== 1) return openCommit(bytes)
  const block = reader.bytes()
  if (block.length > MAX_BLOCK_BYTES) reader.fail(`a block of at most ${MAX_BLOCK_BYTES} bytes`)
  const sealed = openBlock(block)
  if (!isCollectionBlock(sealed)) return openCommit(bytes)
  reader.end()
  return collectionCommit(sealed)
}

export function isCollectionBlock(sealed: SealedBlock): sealed is SealedBlock<CollectionDelta> {
  return sealed.block.delta.kind === 'collection'
}
