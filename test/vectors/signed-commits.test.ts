import { describe, expect, it } from 'vitest'

import type { SignatureBlock } from '../../src/block/block.ts'
import { cidToText } from '../../src/block/cid.ts'
import { openBlock } from '../../src/block/codec.ts'
import { openCommit, packCommit, withSignatures } from '../../src/block/commit.ts'
import { openSignature, sealSignature, signedBytes } from '../../src/block/signature-block.ts'
import { createVerifier } from '../../src/identity/verifier.ts'
import { bytesToHex, hexToBytes } from '../../src/util/bytes.ts'
import { commitOf } from './commit-of.ts'
import { describePublished, readOwn } from './published.ts'

interface BlockVector {
  readonly cid: string
  readonly kind: string
  readonly bytesHex: string
  readonly signature?: string
}

interface Signature {
  readonly blockCID: string
  readonly signedBytesHex: string
  readonly signatureBlockHex: string
  readonly signatureBlockCID: string
}

interface Scenario {
  readonly source: { readonly test: string }
  readonly blocks: readonly BlockVector[]
  readonly signatures: readonly Signature[]
  readonly signer: { readonly type: string; readonly publicKeyHex: string }
}

interface OwnSignature {
  readonly rule: string
  readonly type: string
  readonly identity: string
  readonly valueHex: string
  readonly cid: string
  readonly bytesHex: string
}

interface OwnSignedBlock {
  readonly rule: string
  readonly type: string
  readonly bytesHex: string
  readonly signedBytesHex: string
  readonly signatureBlockHex: string
}

/** Verifies by WebCrypto as far as it can, and by the library alone. */
async function verdictsOf(signature: SignatureBlock, message: Uint8Array): Promise<unknown> {
  const verdicts = await Promise.all(
    [createVerifier(), createVerifier({ subtle: undefined })].map(({ verify }) => verify(signature, message)),
  )
  return verdicts.map(({ kind }) => kind)
}

describePublished<readonly Scenario[]>('commits-signed.json', (scenarios) => {
  const signatures = scenarios.flatMap(({ source, ...scenario }) =>
    scenario.signatures.map((signature) => ({ test: source.test, block: signature.blockCID, scenario, signature })),
  )

  it('are not few', () => {
    expect(signatures.length).toBeGreaterThan(15)
  })

  it.each(signatures)('$test: the signature of $block', async ({ scenario, signature }) => {
    const opened = openSignature(hexToBytes(signature.signatureBlockHex))
    expect(cidToText(opened.cid)).toBe(signature.signatureBlockCID)
    expect(opened.block).toMatchObject({ type: scenario.signer.type, identity: scenario.signer.publicKeyHex })
    expect(sealSignature(opened.block)).toEqual(opened)

    const signed = scenario.blocks.find(({ cid }) => cid === signature.blockCID)
    const { block } = openBlock(hexToBytes(signed?.bytesHex ?? ''))
    expect(block.signature).toEqual(opened.cid)
    expect(bytesToHex(signedBytes(block))).toBe(signature.signedBytesHex)
    expect(await verdictsOf(opened.block, signedBytes(block))).toEqual(['valid', 'valid'])
    expect(await verdictsOf(opened.block, hexToBytes(signed?.bytesHex ?? ''))).toEqual(['forged', 'forged'])
  })

  it.each(scenarios.map((scenario) => [scenario.source.test, scenario] as const))(
    '%s: commits with all their signatures',
    (_test, scenario) => {
      const composites = scenario.blocks.filter(({ kind }) => kind === 'composite')
      const signatures = scenario.signatures.map(({ signatureBlockHex }) => openSignature(hexToBytes(signatureBlockHex)))
      expect(composites.length).toBeGreaterThan(0)
      for (const { cid } of composites) {
        const bare = commitOf(scenario.blocks, cid)
        const commit = withSignatures(bare, signatures)
        const linked = [commit.composite, ...commit.fields].flatMap(({ block }) => block.signature ?? [])
        expect(commit.signatures?.map((signature) => signature.cid)).toEqual(linked)
        expect(openCommit(packCommit(commit))).toEqual(commit)
        expect(openCommit(packCommit(bare))).toEqual(bare)
      }
    },
  )
})

describe('the own vectors of signature blocks', () => {
  const vectors = readOwn<readonly OwnSignature[]>('signature-blocks.json')

  it.each(vectors.map((vector) => [vector.rule, vector] as const))('%s', (_rule, { type, identity, valueHex, cid, bytesHex }) => {
    const sealed = sealSignature({ type, identity, value: hexToBytes(valueHex) })
    expect(bytesToHex(sealed.bytes)).toBe(bytesHex)
    expect(cidToText(sealed.cid)).toBe(cid)
    expect(openSignature(hexToBytes(bytesHex))).toEqual(sealed)
  })
})

describe('the own vectors of signed blocks', () => {
  const vectors = readOwn<readonly OwnSignedBlock[]>('signed-blocks.json')

  it.each(vectors.map((vector) => [vector.type, vector.rule, vector] as const))('%s: %s', async (type, _rule, vector) => {
    const { block } = openBlock(hexToBytes(vector.bytesHex))
    const signature = openSignature(hexToBytes(vector.signatureBlockHex))
    expect(block.signature).toEqual(signature.cid)
    expect(signature.block.type).toBe(type)
    expect(bytesToHex(signedBytes(block))).toBe(vector.signedBytesHex)
    expect(await verdictsOf(signature.block, signedBytes(block))).toEqual(['valid', 'valid'])
  })
})
