import { oneIn, pick, someBytes, someLength, someText } from '../util/random-values.testkit.ts'
import type { Random } from '../util/seed.testkit.ts'
import {
  STATUS_ACTIVE,
  STATUS_DELETED,
  type Block,
  type Delta,
  type FieldDelta,
  type Sealed,
  type SealedBlock,
  type SignatureBlock,
} from './block.ts'
import { blockCidOfDigest, cidKey, DIGEST_BYTES, rawCid, type Cid } from './cid.ts'
import { sealBlock } from './codec.ts'
import { sealCommit, withSignatures } from './commit.ts'
import { KEY_BYTES, type EncryptionBlock } from './encryption-block.ts'
import type { ReplicatedCommit } from './replicated-commit.ts'
import { sealSignature } from './signature-block.ts'

export function someCid(random: Random): Cid {
  return oneIn(8, random) ? rawCid(someBytes(4, random)) : blockCidOfDigest(someBytes(DIGEST_BYTES, random))
}

/** One for each kind of delta there is. */
const DELTAS: { readonly [Kind in Delta['kind']]: (random: Random) => Extract<Delta, { kind: Kind }> } = {
  lww: (random) => ({ kind: 'lww', ...fieldMembers(random) }),
  counter: (random) => ({ kind: 'counter', ...fieldMembers(random), nonce: BigInt(random.below(2 ** 32)) << BigInt(random.below(32)) }),
  composite: (random) => ({
    kind: 'composite',
    docId: someText(60, random),
    status: pick([STATUS_ACTIVE, STATUS_DELETED], random),
    priority: somePriority(random),
    schemaVersionId: someText(60, random),
  }),
  collection: (random) => ({ kind: 'collection', priority: somePriority(random), schemaVersionId: someText(60, random) }),
}

function fieldMembers(random: Random): Omit<Extract<Delta, { kind: 'lww' }>, 'kind'> {
  return {
    data: someBytes(someLength(100_000, random), random),
    docId: someText(60, random),
    priority: somePriority(random),
    fieldName: someText(60, random),
    schemaVersionId: someText(60, random),
  }
}

function somePriority(random: Random): number {
  return pick([1, 1 + random.below(30), random.below(2 ** 32), Number.MAX_SAFE_INTEGER], random)
}

/** A block of any kind that belongs to nothing. */
export function someBlock(random: Random): Block {
  return {
    delta: DELTAS[pick(Object.keys(DELTAS) as Delta['kind'][], random)](random),
    ...someSurroundings(random),
    links: someLinks(random),
  }
}

function someSurroundings(random: Random): Omit<Block, 'delta' | 'links'> {
  return {
    heads: uniqueCids(random),
    ...(oneIn(4, random) && { signature: someCid(random) }),
    ...(oneIn(4, random) && { encryption: someCid(random) }),
  }
}

function someLinks(random: Random): Block['links'] {
  return uniqueCids(random).map((cid) => ({ name: someText(20, random), cid }))
}

function uniqueCids(random: Random): readonly Cid[] {
  const cids = Array.from({ length: oneIn(30, random) ? someLength(300, random) : random.below(4) }, () => someCid(random))
  return [...new Map(cids.map((cid) => [cidKey(cid), cid])).values()]
}

export function someSignature(random: Random): SignatureBlock {
  return {
    value: someBytes(random.below(80), random),
    type: pick(['EdDSA', 'ES256K', someText(20, random)], random),
    identity: someText(70, random),
  }
}

export function someEncryption(random: Random): EncryptionBlock {
  const fieldName = someText(20, random)
  return { key: someBytes(KEY_BYTES, random), docId: someText(60, random), ...(oneIn(2, random) && { fieldName }) }
}

/** A commit of a document or of a collection; some of its blocks are signed or encrypted, and not every signature comes along. */
export function someCommit(random: Random): ReplicatedCommit {
  const signatures = Array.from({ length: random.below(3) }, () => sealSignature(someSignature(random)))
  const signed = <D extends Delta>(block: Block<D>): SealedBlock<D> => {
    const { signature: _, ...unsigned } = block
    return sealBlock(signatures.length > 0 && oneIn(2, random) ? { ...unsigned, signature: pick(signatures, random).cid } : unsigned)
  }
  if (oneIn(4, random)) {
    const composite = signed({ delta: DELTAS.collection(random), ...someSurroundings(random), links: someLinks(random).slice(0, 1) })
    const own = signatures.filter(({ cid }) => composite.block.signature === cid)
    return { composite, fields: [], ...(own.length > 0 && { signatures: own }) }
  }
  const delta = DELTAS.composite(random)
  const fields = Array.from({ length: oneIn(40, random) ? 40 : random.below(4) }, (_, index): SealedBlock<FieldDelta> => {
    const field = { ...pick([DELTAS.lww, DELTAS.counter], random)(random), docId: delta.docId, fieldName: `${index}${someText(9, random)}` }
    return signed({ delta: field, ...someSurroundings(random), links: [] })
  })
  const sealed = sealCommit(delta, uniqueCids(random), fields)
  const composite = signed({ ...sealed.composite.block, ...(oneIn(4, random) && { encryption: someCid(random) }) })
  return withSignatures({ ...sealed, composite }, someOf(signatures, random))
}

function someOf(signatures: readonly Sealed<SignatureBlock>[], random: Random): readonly Sealed<SignatureBlock>[] {
  return signatures.filter(() => !oneIn(4, random))
}
