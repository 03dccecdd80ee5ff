import type { Signer } from '../identity/signing.testkit.ts'
import type { Block, Commit, Delta, FieldDelta, Sealed, SealedBlock, SignatureBlock } from './block.ts'
import { cidKey, type Cid } from './cid.ts'
import { sealBlock } from './codec.ts'
import { sealCommit, withSignatures } from './commit.ts'
import type { CollectionCommit } from './replicated-commit.ts'
import { sealSignature, signedBytes } from './signature-block.ts'

/** A block with the signature that it links. */
interface Signed<D extends Delta> {
  readonly sealed: SealedBlock<D>
  readonly signature: Sealed<SignatureBlock>
}

/** The commit as a writer with a key makes it: its composite is signed, and so are field blocks of height 1. */
export function signCommit({ composite, fields }: Commit, signer: Signer, signerOfFields: Signer = signer): Commit {
  const signed = fields.map((field): Partial<Signed<FieldDelta>> & Pick<Signed<FieldDelta>, 'sealed'> =>
    field.block.delta.priority === 1 ? signBlock(field.block, signerOfFields) : { sealed: field },
  )
  const { block } = composite
  const linked = sealCommit(
    block.delta,
    block.heads,
    signed.map(({ sealed }) => sealed),
  )
  const whole = signBlock({ ...block, links: linked.composite.block.links }, signer)
  const signatures = [whole.signature, ...signed.flatMap(({ signature }) => signature ?? [])]
  return withSignatures({ composite: whole.sealed, fields: linked.fields }, signatures)
}

/** The same of a block of a collection. */
export function signCollectionCommit({ composite }: CollectionCommit, signer: Signer): CollectionCommit {
  const { sealed, signature } = signBlock(composite.block, signer)
  return { composite: sealed, fields: [], signatures: [signature] }
}

/** A history as a writer with a key makes it; ancestors first. */
export function signHistory(commits: readonly Commit[], signer: Signer): readonly Commit[] {
  const renamed = new Map<string, Cid>()
  const rename = <D extends Delta>({ block }: SealedBlock<D>): SealedBlock<D> =>
    sealBlock({ ...block, heads: block.heads.map((cid) => renamed.get(cidKey(cid)) ?? cid) })
  return commits.map((commit) => {
    const signed = signCommit({ composite: rename(commit.composite), fields: commit.fields.map(rename) }, signer)
    renamed.set(cidKey(commit.composite.cid), signed.composite.cid)
    for (const { cid, block } of commit.fields) {
      const twin = signed.fields.find((field) => field.block.delta.fieldName === block.delta.fieldName)
      if (twin !== undefined) renamed.set(cidKey(cid), twin.cid)
    }
    return signed
  })
}

/** The commit without the signature blocks that its blocks link. */
export function withoutSignatureBlocks({ composite, fields }: Commit): Commit {
  return { composite, fields }
}

function signBlock<D extends Delta>(block: Block<D>, signer: Signer): Signed<D> {
  const signature = sealSignature(signer.sign(signedBytes(block)))
  return { sealed: sealBlock({ ...block, signature: signature.cid }), signature }
}
