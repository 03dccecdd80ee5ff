import { describe, expect, it } from 'vitest'

import { cidToText } from '../../src/block/cid.ts'
import { openBlock } from '../../src/block/codec.ts'
import { openCommit, packCommit } from '../../src/block/commit.ts'
import { openEncryption, sealEncryption } from '../../src/block/encryption-block.ts'
import { openSealed } from '../../src/block/open-sealed.ts'
import { bytesToHex, encodeText, hexToBytes } from '../../src/util/bytes.ts'
import { commitOf } from './commit-of.ts'
import { describePublished, readOwn } from './published.ts'

interface BlockVector {
  readonly cid: string
  readonly kind: string
  readonly bytesHex: string
  readonly docID: string
  readonly fieldName?: string
  readonly dataHex?: string
  /** There where `dataHex` is encrypted. */
  readonly plainDataHex?: string
  readonly encryption?: string
}

interface Scenario {
  readonly source: { readonly test: string }
  readonly ops: readonly { readonly docID: string; readonly encryptFields?: readonly string[] }[]
  readonly blocks: readonly BlockVector[]
}

interface OwnEncryption {
  readonly rule: string
  readonly keyHex: string
  readonly docID: string
  readonly fieldName?: string
  readonly cid: string
  readonly bytesHex: string
  readonly dataHex: string
  readonly plainDataHex: string
}

/** The keys of the published vectors are the first bytes of the names of what they open, and of this. */
const PUBLISHED_KEY = 'examplekey1234567890examplekey12'

describePublished<readonly Scenario[]>('commits-encrypted.json', (scenarios) => {
  const rows = scenarios.flatMap((scenario) =>
    scenario.blocks.map((block) => ({ test: scenario.source.test, kind: block.kind, cid: block.cid, scenario, block })),
  )

  it('are not few', () => {
    expect(rows.filter(({ block }) => block.plainDataHex !== undefined).length).toBeGreaterThan(10)
  })

  it.each(rows.filter(({ block }) => block.encryption !== undefined))('$test: the key of the $kind block $cid', ({ scenario, block }) => {
    const key = publishedKey(scenario, block)
    expect(cidToText(key.cid)).toBe(block.encryption)
    expect(openEncryption(key.bytes)).toEqual(key)
  })

  it.each(rows.filter(({ block }) => block.plainDataHex !== undefined))('$test: the data of $cid', async ({ scenario, block }) => {
    const { delta } = openBlock(hexToBytes(block.bytesHex)).block
    const data = delta.kind === 'lww' || delta.kind === 'counter' ? delta.data : new Uint8Array()
    expect(bytesToHex(data)).toBe(block.dataHex)
    expect(bytesToHex(await openSealed(publishedKey(scenario, block).block.key, data))).toBe(block.plainDataHex)
    await expect(openSealed(encodeText(PUBLISHED_KEY), data)).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  })

  it.each(scenarios.map((scenario) => [scenario.source.test, scenario] as const))('%s: whole commits', (_test, scenario) => {
    const composites = scenario.blocks.filter(({ kind }) => kind === 'composite')
    expect(composites.length).toBeGreaterThan(0)
    for (const { cid } of composites) {
      const commit = commitOf(scenario.blocks, cid)
      expect(openCommit(packCommit(commit))).toEqual(commit)
    }
  })
})

describe('the own vectors of encryption', () => {
  const vectors = readOwn<readonly OwnEncryption[]>('encryption-blocks.json')

  it.each(vectors.map((vector) => [vector.rule, vector] as const))('%s', async (_rule, vector) => {
    const { keyHex, docID, fieldName, cid, bytesHex, dataHex, plainDataHex } = vector
    const sealed = sealEncryption({ key: hexToBytes(keyHex), docId: docID, ...(fieldName === undefined ? {} : { fieldName }) })
    expect(bytesToHex(sealed.bytes)).toBe(bytesHex)
    expect(cidToText(sealed.cid)).toBe(cid)
    expect(openEncryption(hexToBytes(bytesHex))).toEqual(sealed)
    expect(bytesToHex(await openSealed(hexToBytes(keyHex), hexToBytes(dataHex)))).toBe(plainDataHex)
  })
})

/** The key of a field that is encrypted by itself, or that of its document. */
function publishedKey({ ops }: Scenario, { docID, fieldName }: BlockVector): ReturnType<typeof sealEncryption> {
  const isAlone = fieldName !== undefined && ops.some((op) => op.docID === docID && op.encryptFields?.includes(fieldName) === true)
  const key = encodeText(((isAlone ? fieldName : '') + docID + PUBLISHED_KEY).slice(0, 32))
  return sealEncryption({ key, docId: docID, ...(isAlone ? { fieldName } : {}) })
}
