import type { Commit, FieldDelta, SealedBlock } from '../../src/block/block.ts'
import { cidKey, cidToText } from '../../src/block/cid.ts'
import { openBlock } from '../../src/block/codec.ts'
import { hexToBytes } from '../../src/util/bytes.ts'

/** The commit whose composite has this CID, made of published blocks. */
export function commitOf(blocks: readonly { readonly bytesHex: string }[], composite: string): Commit {
  const sealed = blocks.map(({ bytesHex }) => openBlock(hexToBytes(bytesHex)))
  const sealedByCid = new Map(sealed.map((block) => [cidKey(block.cid), block]))
  const found = sealed.find(({ cid }) => cidToText(cid) === composite)
  if (found === undefined) throw new Error(`there is no block ${composite}`)
  const fields = found.block.links.map(({ cid }) => sealedByCid.get(cidKey(cid)) as SealedBlock<FieldDelta>)
  return { composite: found as Commit['composite'], fields }
}
