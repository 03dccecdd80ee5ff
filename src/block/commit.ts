import { DatabaseError } from '../errors.ts'
import type { Commit, CompositeDelta, FieldDelta, Sealed, SealedBlock, SignatureBlock } from './block.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter, headSize } from './cbor-writer.ts'
import { cidKey, cidToText, compareCids, equalCids, type Cid } from './cid.ts'
import { openBlock, sealBlock } from './codec.ts'
import { openSignature } from './signature-block.ts'

/** A document of one very large field is still taken; a peer cannot make us hash more than this in one go. */
export const MAX_COMMIT_BYTES: number = 32 * 1024 * 1024
/** No one block can be larger than this; the rest of a commit is heads and links. */
export const MAX_BLOCK_BYTES: number = 16 * 1024 * 1024
/** Far more fields than a schema that people write; bounds the links and hashes of one commit. */
export const MAX_COMMIT_FIELDS = 4096
/** The composite, its fields, and a signature of each. */
const MAX_COMMIT_BLOCKS: number = 2 * (1 + MAX_COMMIT_FIELDS)

/** Seals the composite over its field blocks, and puts these into the order of its links. */
export function sealCommit(delta: CompositeDelta, heads: readonly Cid[], fields: readonly SealedBlock<FieldDelta>[]): Commit {
  const ordered = fields.toSorted((a, b) => compareCids(a.cid, b.cid))
  const links = ordered.map(({ cid, block }) => ({ name: block.delta.fieldName, cid }))
  return { composite: sealBlock({ delta, heads, links }), fields: ordered }
}

/**
 * The commit with those of these signature blocks that its blocks link, as `Commit` wants them; whatever else is among them is left out.
 */
export function withSignatures({ composite, fields }: Commit, blocks: readonly Sealed<SignatureBlock>[]): Commit {
  const byCid = new Map(blocks.map((signature) => [cidKey(signature.cid), signature]))
  return { composite, fields, ...someSignatures(linkedSignatures([composite, ...fields]).flatMap((cid) => byCid.get(cidKey(cid)) ?? [])) }
}

/**
 * A commit as bytes, for storage and wire: a CBOR array of byte strings, the composite block first, then its field blocks in the order of the composite's
 * links, then its signature blocks in the order of the blocks that link them.
 */
export function packCommit({ composite, fields, signatures = [] }: Commit): Uint8Array {
  return packBlocks([composite, ...fields, ...signatures])
}

/** The form that all commits have as bytes. */
export function packBlocks(blocks: readonly Sealed<unknown>[]): Uint8Array {
  const size = blocks.reduce((sum, { bytes }) => sum + headSize(bytes.length) + bytes.length, headSize(blocks.length))
  const writer = new CborWriter(size)
  writer.array(blocks.length)
  for (const { bytes } of blocks) writer.bytes(bytes)
  return writer.finish()
}

/**
 * Reads a commit from bytes nobody vouches for: every block is canonical, every CID is computed, and the blocks belong together. What depends on other
 * commits (heights, the document ID of a first commit) is not checked, nor is any signature. The result keeps views of `bytes`.
 * @throws CORRUPT_DATA
 */
export function openCommit(bytes: Uint8Array): Commit {
  return readDocumentCommit(beginCommit(bytes))
}

/** A commit of which the first block was read. */
export interface CommitReader {
  readonly first: SealedBlock
  /** Blocks that follow, and what reads them. */
  readonly rest: number
  readonly reader: CborReader
}

/** Reads as far as it takes to tell whose commit it is. @throws CORRUPT_DATA */
export function beginCommit(bytes: Uint8Array): CommitReader {
  if (bytes.length > MAX_COMMIT_BYTES) throw corrupt(`${bytes.length} bytes are more than the ${MAX_COMMIT_BYTES} a commit may have`)
  const reader = new CborReader(bytes, 'commit')
  const count = reader.array()
  if (count === 0) reader.fail('a composite block')
  if (count > MAX_COMMIT_BLOCKS) throw corrupt(`${count} blocks are more than the ${MAX_COMMIT_BLOCKS} a commit may have`)
  return { first: readBlock(reader), rest: count - 1, reader }
}

/** Reads on where the commit is that of a document. @throws CORRUPT_DATA */
export function readDocumentCommit({ first, rest, reader }: CommitReader): Commit {
  const composite = openComposite(first)
  const { links, delta } = composite.block
  if (links.length > MAX_COMMIT_FIELDS)
    throw corrupt(`${links.length} field blocks are more than the ${MAX_COMMIT_FIELDS} a commit may have`)
  if (links.length > rest) throw corrupt(`its composite links ${links.length} field blocks but ${rest} follow`)
  const names = new Set<string>()
  const fields = links.map((link) => {
    const field = openField(readBlock(reader))
    if (!equalCids(field.cid, link.cid)) throw corrupt(`the composite links ${cidToText(link.cid)} where ${cidToText(field.cid)} follows`)
    const { docId, fieldName } = field.block.delta
    if (docId !== delta.docId)
      throw corrupt(`field block ${cidToText(field.cid)} is of document "${docId}", the composite of "${delta.docId}"`)
    if (fieldName !== link.name) throw corrupt(`the composite calls field "${fieldName}" "${link.name}"`)
    if (fieldName === '') throw corrupt(`field block ${cidToText(field.cid)} names no field`)
    if (names.has(fieldName)) throw corrupt(`field "${fieldName}" is there twice`)
    names.add(fieldName)
    return field
  })
  return { composite, fields, ...readSignatures(reader, rest - links.length, [composite, ...fields]) }
}

/** Reads the end of a commit: some of the signatures that the blocks before link, in their order, and nothing else. */
export function readSignatures(reader: CborReader, count: number, signed: readonly SealedBlock[]): Pick<Commit, 'signatures'> {
  const linked = count === 0 ? [] : linkedSignatures(signed)
  if (count > linked.length) throw corrupt(`${count} more blocks follow where its blocks link ${linked.length} signatures`)
  const signatures: Sealed<SignatureBlock>[] = []
  let next = 0
  while (signatures.length < count) {
    const signature = openSignature(reader.bytes())
    const place = linked.findIndex((cid, at) => at >= next && equalCids(cid, signature.cid))
    if (place === -1) throw corrupt(`none of its blocks links the signature ${cidToText(signature.cid)}, or not in this order`)
    signatures.push(signature)
    next = place + 1
  }
  reader.end()
  return someSignatures(signatures)
}

function someSignatures(signatures: readonly Sealed<SignatureBlock>[]): Pick<Commit, 'signatures'> {
  return signatures.length === 0 ? {} : { signatures }
}

/** The signatures that these blocks link, in their order, each once. */
function linkedSignatures(blocks: readonly SealedBlock[]): readonly Cid[] {
  const byKey = new Map(blocks.flatMap(({ block: { signature } }) => (signature === undefined ? [] : [[cidKey(signature), signature]])))
  return [...byKey.values()]
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
