import type { Block } from './block.ts'
import { cidKey, type Cid } from './cid.ts'
import type { ReplicatedCommit } from './replicated-commit.ts'

/*
 * What holds of everything that was read, said once more and in other words than where it is read. Each throws what does not hold.
 */

/** Version 1, a raw or dag-cbor block, 32 bytes of SHA2-256. */
export function expectCid(cid: Uint8Array): void {
  const [version, codec = 0, hash, length] = cid
  const isCid = cid.length === 36 && version === 1 && [0x55, 0x71].includes(codec) && hash === 0x12 && length === 32
  if (!isCid) throw new Error('that is no CID')
}

export function expectBlockRules({ delta, heads, links, signature, encryption }: Block): void {
  const cids = links.map(({ cid }) => cid)
  for (const cid of [...heads, ...cids, signature, encryption]) if (cid !== undefined) expectCid(cid)
  if (new Set(heads.map(cidKey)).size < heads.length) throw new Error('a head is there twice')
  if (new Set(cids.map(cidKey)).size < cids.length) throw new Error('a link is there twice')
  if (delta.kind === 'counter' && (delta.nonce < 0n || delta.nonce >= 2n ** 63n)) throw new Error('a nonce has 63 bits')
}

/** Each block but the first is linked by one before it, in the order of the links. */
export function expectCommitRules({ composite, fields, signatures = [] }: ReplicatedCommit): void {
  const blocks = [composite.block, ...fields.map(({ block }) => block)]
  for (const block of blocks) expectBlockRules(block)
  const { delta, links } = composite.block
  const linked = links.map(({ cid }) => cid)
  if (delta.kind === 'composite' && keysOf(linked) !== keysOf(fields.map(({ cid }) => cid)))
    throw new Error('the fields are not those that are linked')
  const names = fields.map(({ block }) => block.delta.fieldName)
  if (new Set(names).size < names.length) throw new Error('a field is there twice')
  const signed = [...new Set(blocks.flatMap(({ signature }) => (signature === undefined ? [] : cidKey(signature))))]
  const given = signatures.map(({ cid }) => cidKey(cid))
  if (given.join() !== signed.filter((key) => given.includes(key)).join()) throw new Error('the signatures are not those that are linked')
}

function keysOf(cids: readonly Cid[]): string {
  return cids.map(cidKey).join()
}
