import { DatabaseError } from '../errors.ts'
import type { Commit, CompositeDelta, FieldDelta, SealedBlock } from './block.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter, headSize } from './cbor-writer.ts'
import { cidToText, compareCids, equalCids, type Cid } from './cid.ts'
import { openBlock, sealBlock } from './codec.ts'

/** A document of one very large field is still taken; a peer cannot make us hash more than this in one go. */
export const MAX_COMMIT_BYTES: number = 32 * 1024 * 1024
/** No one block can be larger than this; the rest of a commit is heads and links. */
export const MAX_BLOCK_BYTES: number = 16 * 1024 * 1024
/** Far more fields than a schema that people write; bounds the links and hashes of one commit. */
export const MAX_COMMIT_FIELDS = 4096

/** Seals the composite over its field blocks, and puts these into the order of its links. */
export function sealCommit(delta: CompositeDelta, heads: readonly Cid[], fields: readonly SealedBlock<FieldDelta>[]): Commit {
  const ordered = fields.toSorted((a, b) => compareCids(a.cid, b.cid))
  const links = ordered.map(({ cid, block }) => ({ name: block.delta.fieldName, cid }))
  return { composite: sealBlock({ delta, heads, links }), fields: ordered }
}

/**
 * A commit as bytes, for storage and wire: a CBOR array of byte strings, the composite block first, then its field blocks in the order of the composite's
 * links. (Signature blocks will come after these.)
 */
export function packCommit(commit: Commit): Uint8Array {
  const blocks = [commit.composite, ...commit.fields]
  const size = blocks.reduce((sum, { bytes }) => sum + headSize(bytes.length) + bytes.length, headSize(blocks.length))
  const writer = new CborWriter(size)
  writer.array(blocks.length)
  for (const { bytes } of blocks) writer.bytes(bytes)
  return writer.finish()
}

/**
 * Reads a commit from bytes nobody vouches for: every block is canonical, every CID is computed, and the blocks belong together. What depends on other
 * commits (heights, the document ID of a first commit) is not checked. The result keeps views of `bytes`.
 * @throws CORRUPT_DATA
 */
export function openCommit(bytes: Uint8Array): Commit {
  if (bytes.length > MAX_COMMIT_BYTES) throw corrupt(`${bytes.length} bytes are more than the ${MAX_COMMIT_BYTES} a commit may have`)
  const reader = new CborReader(bytes, 'commit')
  const count = reader.array()
  if (count === 0) reader.fail('a composite block')
  if (count > MAX_COMMIT_FIELDS + 1) throw corrupt(`${count - 1} field blocks are more than the ${MAX_COMMIT_FIELDS} a commit may have`)
  const composite = openComposite(readBlock(reader))
  const { links, delta } = composite.block
  // What the composite does not link has no place here yet; signature blocks will be let in after the linked ones.
  if (links.length !== count - 1) throw corrupt(`its composite links ${links.length} field blocks but ${count - 1} follow`)
  const names = new Set<string>()
  const fields = links.map((link) => {
    const field = openField(readBlock(reader))
    if (!equalCids(field.cid, link.cid)) throw corrupt(`the composite links ${cidToText(link.cid)} where ${cidToText(field.cid)} follows`)
    const { docId, fieldName } = field.block.delta
    if (docId !== delta.docId)
      throw corrupt(`field block ${cidToText(field.cid)} is of document "${docId}", the composite of "${delta.docId}"`)
    if (fieldName !== link.name) throw corrupt(`the composite calls field "${fieldName}" "${link.name}"`)
    if (names.has(fieldName)) throw corrupt(`field "${fieldName}" is there twice`)
    names.add(fieldName)
    return field
  })
  reader.end()
  return { composite, fields }
}

/** The parents of a commit of which it is known that its bytes are right: reads its composite block only. @throws CORRUPT_DATA */
export function parentsOfPacked(bytes: Uint8Array): readonly Cid[] {
  const reader = new CborReader(bytes, 'commit')
  reader.array()
  return openComposite(readBlock(reader)).block.heads
}

function readBlock(reader: CborReader): SealedBlock {
  const bytes = reader.bytes()
  if (bytes.length > MAX_BLOCK_BYTES) throw corrupt(`a block of ${bytes.length} bytes is larger than the ${MAX_BLOCK_BYTES} it may have`)
  return openBlock(bytes)
}

function openComposite({ cid, bytes, block }: SealedBlock): SealedBlock<CompositeDelta> {
  const { delta } = block
  if (delta.kind !== 'composite') throw corrupt(`its first block is a ${delta.kind} block, not the composite`)
  return { cid, bytes, block: { ...block, delta } }
}

function openField({ cid, bytes, block }: SealedBlock): SealedBlock<FieldDelta> {
  const { delta } = block
  if (delta.kind !== 'lww' && delta.kind !== 'counter') throw corrupt(`a ${delta.kind} block stands among its field blocks`)
  return { cid, bytes, block: { ...block, delta } }
}

function corrupt(reason: string): DatabaseError<'CORRUPT_DATA'> {
  return new DatabaseError('CORRUPT_DATA', `commit is corrupt: ${reason}`, { what: 'commit' })
}
