import type { CollectionDelta, Commit, Sealed, SealedBlock, SignatureBlock } from './block.ts'
import { beginCommit, packBlocks, packCommit, readDocumentCommit, readSignatures } from './commit.ts'

/**
 * A block of the DAG that a branchable collection keeps besides those of its documents. It travels and is merged like the commit of a document of its own,
 * and has the form of one without fields.
 */
export interface CollectionCommit {
  readonly composite: SealedBlock<CollectionDelta>
  readonly fields: readonly []
  /** The one that its block links, if it came along; absent like those of a `Commit`. */
  readonly signatures?: readonly Sealed<SignatureBlock>[]
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

/** The bytes of a commit on the wire: those of `packCommit`, or the collection block and its signature in the same form. */
export function packReplicated(commit: ReplicatedCommit): Uint8Array {
  if (isDocumentCommit(commit)) return packCommit(commit)
  return packBlocks([commit.composite, ...(commit.signatures ?? [])])
}

/** Reads what `packReplicated` wrote, from bytes nobody vouches for, like `openCommit`. @throws CORRUPT_DATA */
export function openReplicated(bytes: Uint8Array): ReplicatedCommit {
  const begun = beginCommit(bytes)
  const { first, rest, reader } = begun
  if (!isCollectionBlock(first)) return readDocumentCommit(begun)
  return { ...collectionCommit(first), ...readSignatures(reader, rest, [first]) }
}

export function isCollectionBlock(sealed: SealedBlock): sealed is SealedBlock<CollectionDelta> {
  return sealed.block.delta.kind === 'collection'
}
