import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import type { Commit, CompositeDelta, FieldDelta, Sealed, SealedBlock, SignatureBlock } from './block.ts'
import { CborWriter } from './cbor-writer.ts'
import { blockCid, compareCids } from './cid.ts'
import { sealBlock } from './codec.ts'
import { MAX_BLOCK_BYTES, MAX_COMMIT_BYTES, MAX_COMMIT_FIELDS, openCommit, packCommit, sealCommit, withSignatures } from './commit.ts'
import { sealEncryption } from './encryption-block.ts'
import { collectionCommit, openReplicated, packReplicated } from './replicated-commit.ts'
import { sealSignature } from './signature-block.ts'

const DOC_ID = 'bae-00000000-0000-5000-8000-000000000000'
const COMPOSITE: CompositeDelta = { kind: 'composite', docId: DOC_ID, status: 1, priority: 1, schemaVersionId: 'v' }

function aField(name: string, change: Partial<FieldDelta> = {}): SealedBlock<FieldDelta> {
  const delta = { kind: 'lww', data: Uint8Array.of(0x01), docId: DOC_ID, priority: 1, fieldName: name, schemaVersionId: 'v', ...change }
  return sealBlock({ delta: delta as FieldDelta, heads: [], links: [] })
}

function aCommit(...names: readonly string[]): Commit {
  return sealCommit(
    COMPOSITE,
    [],
    names.map((name) => aField(name)),
  )
}

/** A signature block; what it signs is not its business. */
function aSignature(name: string): Sealed<SignatureBlock> {
  return sealSignature({ value: new TextEncoder().encode(name), type: 'EdDSA', identity: '97f3bd87' })
}

/** A commit of two fields, of which one is signed, as is the composite. */
function aSignedCommit(): { commit: Commit; ofComposite: Sealed<SignatureBlock>; ofField: Sealed<SignatureBlock> } {
  const [ofComposite, ofField] = [aSignature('composite'), aSignature('field')]
  const field = sealBlock({ ...aField('a').block, signature: ofField.cid })
  const { composite, fields } = sealCommit(COMPOSITE, [], [field, aField('b')])
  return { commit: { composite: sealBlock({ ...composite.block, signature: ofComposite.cid }), fields }, ofComposite, ofField }
}

/** Bytes of a commit whose blocks need not belong together. */
function pack(...blocks: readonly { readonly bytes: Uint8Array }[]): Uint8Array {
  const writer = new CborWriter().array(blocks.length)
  for (const { bytes } of blocks) writer.bytes(bytes)
  return writer.finish()
}

function refusal(bytes: Uint8Array): string {
  try {
    openCommit(bytes)
  } catch (error) {
    if (isFailure(error, 'CORRUPT_DATA')) return error.message
    throw error
  }
  return 'accepted'
}

describe('a commit', () => {
  it('links its field blocks by name, in the order of their CIDs', () => {
    const commit = aCommit('a', 'b', 'c', 'd')
    expect(commit.fields.map(({ cid }) => cid)).toEqual(commit.fields.map(({ cid }) => cid).toSorted(compareCids))
    expect(commit.composite.block.links).toEqual(commit.fields.map(({ cid, block }) => ({ name: block.delta.fieldName, cid })))
  })

  it('comes back from its bytes, with and without fields', () => {
    for (const commit of [aCommit('name', 'age', 'city'), aCommit()]) expect(openCommit(packCommit(commit))).toEqual(commit)
  })
})

describe('the signatures of a commit', () => {
  const { commit, ofComposite, ofField } = aSignedCommit()
  const blocks = [commit.composite, ...commit.fields]

  it('are those that its blocks link, the composite first, each once', () => {
    const signed = withSignatures(commit, [ofField, aSignature('nobody'), ofComposite, ofField])
    expect(signed).toEqual({ ...commit, signatures: [ofComposite, ofField] })
    expect(packCommit(signed)).toEqual(pack(...blocks, ofComposite, ofField))
    expect(openCommit(packCommit(signed))).toEqual(signed)
  })

  it('may be missing, each of them', () => {
    for (const there of [[], [ofComposite], [ofField]]) {
      const signed = withSignatures(commit, there)
      expect(signed.signatures ?? []).toEqual(there)
      expect(openCommit(packCommit(signed))).toEqual(signed)
    }
  })

  it('are not there where nothing is signed, and change no byte', () => {
    const unsigned = aCommit('a', 'b')
    expect(withSignatures(unsigned, [ofComposite])).toEqual(unsigned)
    expect(packCommit(unsigned)).toEqual(pack(unsigned.composite, ...unsigned.fields))
  })

  it('that two blocks share are there once', () => {
    const { composite } = commit
    const both = { ...commit, composite: sealBlock({ ...composite.block, signature: ofField.cid }) }
    expect(withSignatures(both, [ofField]).signatures).toEqual([ofField])
    expect(refusal(pack(both.composite, ...commit.fields, ofField))).toBe('accepted')
    expect(refusal(pack(both.composite, ...commit.fields, ofField, ofField))).toContain('2 more blocks follow')
  })

  it('are refused in another order, twice, and when no block links them', () => {
    expect(refusal(pack(...blocks, ofField, ofComposite))).toContain('or not in this order')
    expect(refusal(pack(...blocks, ofComposite, ofComposite))).toContain('or not in this order')
    expect(refusal(pack(...blocks, aSignature('nobody')))).toContain('none of its blocks links the signature bafyrei')
    expect(refusal(pack(...blocks, ofComposite, ofField, aSignature('nobody')))).toContain('3 more blocks follow')
    expect(refusal(pack(...blocks, aField('c')))).toContain('signature block is corrupt')
  })

  it('come with the block of a collection too', () => {
    const delta = { kind: 'collection', priority: 1, schemaVersionId: 'v' } as const
    const block = sealBlock({ delta, heads: [], links: [{ name: '', cid: commit.composite.cid }], signature: ofComposite.cid })
    const unsigned = collectionCommit(block)
    const signed = { ...unsigned, signatures: [ofComposite] }
    expect(openReplicated(packReplicated(unsigned))).toEqual(unsigned)
    expect(openReplicated(packReplicated(signed))).toEqual(signed)
    expect(() => openReplicated(pack(block, ofField))).toThrow('none of its blocks links')
    expect(openReplicated(packReplicated(commit))).toEqual(commit)
  })
})

describe('opening a commit', () => {
  const { composite, fields } = aCommit('a', 'b')
  const [first, second] = fields as readonly [SealedBlock<FieldDelta>, SealedBlock<FieldDelta>]

  it('refuses fields that are not those the composite links, in their order', () => {
    expect(refusal(pack(composite, first, second))).toBe('accepted')
    expect(refusal(pack(composite, second, first))).toContain('the composite links bafyrei')
    expect(refusal(pack(composite, first))).toContain('links 2 field blocks but 1 follow')
    expect(refusal(pack(composite, first, second, aField('c')))).toContain('1 more blocks follow where its blocks link 0 signatures')
    expect(refusal(pack(composite, first, aField('c')))).toContain('the composite links bafyrei')
  })

  it('refuses a field of another document', () => {
    const stranger = aField('a', { docId: 'bae-other' })
    expect(refusal(packCommit(sealCommit(COMPOSITE, [], [stranger])))).toContain('is of document "bae-other"')
  })

  it('refuses a field under another name, and the same field twice', () => {
    const links = [{ name: 'b', cid: first.cid }]
    expect(refusal(pack(sealBlock({ delta: COMPOSITE, heads: [], links }), first))).toMatch(/calls field ".*" "b"/)
    const twice = [aField('a'), aField('a', { priority: 2 })]
    expect(refusal(packCommit(sealCommit(COMPOSITE, [], twice)))).toContain('field "a" is there twice')
  })

  it('refuses a field without a name', () => {
    expect(refusal(packCommit(sealCommit(COMPOSITE, [], [aField('')])))).toContain('names no field')
  })

  it('refuses blocks of other kinds in either place', () => {
    const collection = sealBlock({ delta: { kind: 'collection', priority: 1, schemaVersionId: 'v' }, heads: [], links: [] })
    const above = sealBlock({ delta: COMPOSITE, heads: [], links: [{ name: '', cid: collection.cid }] })
    expect(refusal(pack(first))).toContain('first block is a lww block')
    expect(refusal(pack(collection))).toContain('first block is a collection block')
    expect(refusal(pack(above, collection))).toContain('a collection block stands among its field blocks')
  })

  it('refuses a field block that was changed, since its CID is another', () => {
    const bytes = packCommit({ composite, fields }).slice()
    const last = bytes.length - 1
    bytes[last] = (bytes[last] ?? 0) ^ 1
    expect(refusal(bytes)).toContain('the composite links bafyrei')
  })

  it('refuses bytes that are cut short, go on, or are no list', () => {
    const bytes = packCommit({ composite, fields })
    for (let length = 0; length < bytes.length; length++) expect(refusal(bytes.subarray(0, length))).toContain('corrupt')
    expect(refusal(Uint8Array.of(...bytes, 0))).toContain('expected the end')
    expect(refusal(Uint8Array.of(0x80))).toContain('a composite block')
    expect(refusal(Uint8Array.of(0xa0))).toContain('an array')
  })

  it('refuses more than the bounds before it hashes anything', () => {
    expect(refusal(new Uint8Array(MAX_COMMIT_BYTES + 1))).toContain(`more than the ${MAX_COMMIT_BYTES}`)
    const most = 2 * (MAX_COMMIT_FIELDS + 1)
    const crowd = new CborWriter().array(most + 1)
    for (let index = 0; index <= most; index++) crowd.bytes(Uint8Array.of(0))
    expect(refusal(crowd.finish())).toContain(`more than the ${most}`)
    const links = Array.from({ length: MAX_COMMIT_FIELDS + 1 }, (_, index) => ({
      name: 'a',
      cid: blockCid(Uint8Array.of(index, index >> 8)),
    }))
    expect(refusal(pack(sealBlock({ delta: COMPOSITE, heads: [], links })))).toContain(`more than the ${MAX_COMMIT_FIELDS}`)
    expect(refusal(pack({ bytes: new Uint8Array(MAX_BLOCK_BYTES + 1) }))).toContain(`larger than the ${MAX_BLOCK_BYTES}`)
  })

  it('refuses an encryption block: keys never travel with what they open', () => {
    const key = sealEncryption({ key: new Uint8Array(32), docId: DOC_ID })
    const encrypted = sealBlock({ delta: COMPOSITE, heads: [], links: [], encryption: key.cid })
    expect(refusal(pack(encrypted))).toBe('accepted')
    expect(refusal(pack(encrypted, key))).toContain('1 more blocks follow')
  })

  it('computes the CIDs itself', () => {
    const opened = openCommit(packCommit({ composite, fields }))
    for (const { cid, bytes } of [opened.composite, ...opened.fields]) expect(cid).toEqual(blockCid(bytes))
  })
})
