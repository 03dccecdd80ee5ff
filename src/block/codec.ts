import {
  STATUS_ACTIVE,
  STATUS_DELETED,
  type Block,
  type CollectionDelta,
  type CompositeDelta,
  type CounterDelta,
  type DagLink,
  type Delta,
  type DocumentStatus,
  type LwwDelta,
  type SealedBlock,
} from './block.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter, headSize } from './cbor-writer.ts'
import { blockCid, CID_BYTES, compareCids, type Cid } from './cid.ts'

const LARGEST_NONCE = 2n ** 63n - 1n

/**
 * Encodes and hashes a block. Its heads and links may come in any order; the block of the result has them sorted.
 * Callers vouch for the rest: texts, heights from 1, a nonce from 0 up to 2^63 - 1.
 */
export function sealBlock<D extends Delta>(block: Block<D>): SealedBlock<D> {
  const sorted = withSortedLinks(block)
  const bytes = encodeBlock(sorted)
  return { cid: blockCid(bytes), bytes, block: sorted }
}

/**
 * Decodes a block and computes its CID. Exactly one spelling of a block is accepted, so sealing the result again gives the same bytes. The result
 * keeps `bytes` and views of them; they must not change afterwards.
 * @throws CORRUPT_DATA
 */
export function openBlock(bytes: Uint8Array): SealedBlock {
  return { cid: blockCid(bytes), bytes, block: decodeBlock(bytes) }
}

function withSortedLinks<D extends Delta>(block: Block<D>): Block<D> {
  const { heads, links } = block
  const isSorted =
    heads.every((head, index) => index === 0 || compareCids(heads[index - 1] ?? head, head) <= 0) &&
    links.every((link, index) => index === 0 || compareCids((links[index - 1] ?? link).cid, link.cid) <= 0)
  if (isSorted) return block
  return { ...block, heads: heads.toSorted(compareCids), links: links.toSorted((a, b) => compareCids(a.cid, b.cid)) }
}

/** The bytes of a block whose heads and links are in order. */
export function encodeBlock(block: Block): Uint8Array {
  const { delta, heads, links, signature, encryption } = block
  const writer = new CborWriter(encodedSize(block))
  const members =
    1 + Number(heads.length > 0) + Number(links.length > 0) + Number(signature !== undefined) + Number(encryption !== undefined)
  writer.map(members).text('delta')
  writeDelta(writer, delta)
  if (heads.length > 0) {
    writer.text('heads').array(heads.length)
    for (const head of heads) writer.link(head)
  }
  if (links.length > 0) {
    writer.text('links').array(links.length)
    for (const { name, cid } of links) writer.map(2).text('link').link(cid).text('name').text(name)
  }
  if (signature !== undefined) writer.text('signature').link(signature)
  if (encryption !== undefined) writer.text('encryption').link(encryption)
  return writer.finish()
}

function writeDelta(writer: CborWriter, delta: Delta): void {
  writer.map(1).text(delta.kind)
  switch (delta.kind) {
    case 'lww':
      writer.map(5).text('data').bytes(delta.data).text('docID').textBytes(delta.docId)
      writer.text('priority').int(delta.priority).text('fieldName').text(delta.fieldName)
      break
    case 'counter':
      writer.map(6).text('data').bytes(delta.data).text('docID').textBytes(delta.docId).text('nonce').int(delta.nonce)
      writer.text('priority').int(delta.priority).text('fieldName').text(delta.fieldName)
      break
    case 'composite':
      writer.map(4).text('docID').textBytes(delta.docId).text('status').int(delta.status).text('priority').int(delta.priority)
      break
    case 'collection':
      writer.map(2).text('priority').int(delta.priority)
      break
    default:
      delta satisfies never
  }
  writer.text('schemaVersionID').text(delta.schemaVersionId)
}

const LINK_BYTES = 5 + CID_BYTES

/** The length of the encoding, exact where texts are ASCII: it spares the writer to grow and to copy. */
function encodedSize({ delta, heads, links, signature, encryption }: Block): number {
  let size = 1 + keySize('delta') + deltaSize(delta)
  if (heads.length > 0) size += keySize('heads') + headSize(heads.length) + heads.length * LINK_BYTES
  if (links.length > 0) size += keySize('links') + headSize(links.length)
  for (const { name } of links) size += 1 + keySize('link') + LINK_BYTES + keySize('name') + stringSize(name.length)
  if (signature !== undefined) size += keySize('signature') + LINK_BYTES
  if (encryption !== undefined) size += keySize('encryption') + LINK_BYTES
  return size
}

function deltaSize(delta: Delta): number {
  let size = 2 + keySize(delta.kind) + keySize('priority') + headSize(delta.priority)
  size += keySize('schemaVersionID') + stringSize(delta.schemaVersionId.length)
  if (delta.kind !== 'collection') size += keySize('docID') + stringSize(delta.docId.length)
  if (delta.kind === 'composite') size += keySize('status') + 1
  if (delta.kind === 'counter') size += keySize('nonce') + headSize(Number(delta.nonce))
  if (delta.kind === 'lww' || delta.kind === 'counter') {
    size += keySize('data') + stringSize(delta.data.length) + keySize('fieldName') + stringSize(delta.fieldName.length)
  }
  return size
}

function keySize(name: string): number {
  return 1 + name.length
}

function stringSize(length: number): number {
  return headSize(length) + length
}

function decodeBlock(bytes: Uint8Array): Block {
  const reader = new CborReader(bytes, 'block')
  const members = reader.map()
  reader.key('delta')
  const delta = readDelta(reader)
  const heads = reader.tryKey('heads') ? readHeads(reader) : []
  const links = reader.tryKey('links') ? readLinks(reader) : []
  const signature = reader.tryKey('signature') ? reader.link() : undefined
  const encryption = reader.tryKey('encryption') ? reader.link() : undefined
  reader.end()
  const present =
    1 + Number(heads.length > 0) + Number(links.length > 0) + Number(signature !== undefined) + Number(encryption !== undefined)
  if (present !== members) reader.fail(`${members} members`)
  return { delta, heads, links, ...(signature === undefined ? {} : { signature }), ...(encryption === undefined ? {} : { encryption }) }
}

function readDelta(reader: CborReader): Delta {
  if (reader.map() !== 1) reader.fail('one delta')
  if (reader.tryKey('lww')) return readLww(reader)
  if (reader.tryKey('composite')) return readComposite(reader)
  if (reader.tryKey('counter')) return readCounter(reader)
  if (reader.tryKey('collection')) return readCollection(reader)
  return reader.fail('"lww", "counter", "composite" or "collection"')
}

function readLww(reader: CborReader): LwwDelta {
  if (reader.map() !== 5) reader.fail('the 5 members of an lww delta')
  reader.key('data')
  const data = reader.bytes()
  reader.key('docID')
  const docId = reader.textBytes()
  const priority = readPriority(reader)
  reader.key('fieldName')
  const fieldName = reader.text()
  return { kind: 'lww', data, docId, priority, fieldName, schemaVersionId: readSchemaVersionId(reader) }
}

function readCounter(reader: CborReader): CounterDelta {
  if (reader.map() !== 6) reader.fail('the 6 members of a counter delta')
  reader.key('data')
  const data = reader.bytes()
  reader.key('docID')
  const docId = reader.textBytes()
  reader.key('nonce')
  const nonce = BigInt(reader.int())
  if (nonce < 0n || nonce > LARGEST_NONCE) reader.fail('a nonce from 0 to 2^63 - 1')
  const priority = readPriority(reader)
  reader.key('fieldName')
  const fieldName = reader.text()
  return { kind: 'counter', data, docId, priority, fieldName, schemaVersionId: readSchemaVersionId(reader), nonce }
}

function readComposite(reader: CborReader): CompositeDelta {
  if (reader.map() !== 4) reader.fail('the 4 members of a composite delta')
  reader.key('docID')
  const docId = reader.textBytes()
  reader.key('status')
  const status = readStatus(reader)
  const priority = readPriority(reader)
  return { kind: 'composite', docId, status, priority, schemaVersionId: readSchemaVersionId(reader) }
}

function readCollection(reader: CborReader): CollectionDelta {
  if (reader.map() !== 2) reader.fail('the 2 members of a collection delta')
  const priority = readPriority(reader)
  return { kind: 'collection', priority, schemaVersionId: readSchemaVersionId(reader) }
}

/** Whether a height follows from those of the heads is for the merge to check, which sees them. */
function readPriority(reader: CborReader): number {
  reader.key('priority')
  return reader.count()
}

function readStatus(reader: CborReader): DocumentStatus {
  const status = reader.int()
  if (status !== STATUS_ACTIVE && status !== STATUS_DELETED) return reader.fail('status 1 (active) or 2 (deleted)')
  return status
}

function readSchemaVersionId(reader: CborReader): string {
  reader.key('schemaVersionID')
  return reader.text()
}

function readHeads(reader: CborReader): Cid[] {
  const count = reader.array()
  if (count === 0) reader.fail('no empty list of heads')
  const heads: Cid[] = []
  for (let index = 0; index < count; index++) {
    const head = reader.link()
    checkOrder(reader, heads.at(-1), head)
    heads.push(head)
  }
  return heads
}

function readLinks(reader: CborReader): DagLink[] {
  const count = reader.array()
  if (count === 0) reader.fail('no empty list of links')
  const links: DagLink[] = []
  for (let index = 0; index < count; index++) {
    if (reader.map() !== 2) reader.fail('the 2 members of a link')
    reader.key('link')
    const cid = reader.link()
    reader.key('name')
    checkOrder(reader, links.at(-1)?.cid, cid)
    links.push({ name: reader.text(), cid })
  }
  return links
}

function checkOrder(reader: CborReader, previous: Cid | undefined, cid: Cid): void {
  if (previous !== undefined && compareCids(previous, cid) >= 0) reader.fail('links in the order of their texts, each once')
}
