import { describe, expect, it } from 'vitest'

import type { Block, Delta, DocumentStatus, SealedBlock } from '../../src/block/block.ts'
import { cidToText, parseCid } from '../../src/block/cid.ts'
import { openBlock, sealBlock } from '../../src/block/codec.ts'
import { bytesToHex, hexToBytes } from '../../src/util/bytes.ts'
import { describePublished, readOwn } from './published.ts'

interface BlockVector {
  /** Own vectors tell what they are for. */
  readonly rule?: string
  readonly cid: string
  readonly kind: string
  readonly height: number
  readonly docID?: string
  readonly fieldName?: string
  readonly status?: DocumentStatus
  readonly schemaVersionID: string
  readonly dataHex?: string
  readonly nonce?: number | string
  readonly heads: readonly string[]
  readonly links: readonly { readonly name: string; readonly cid: string }[]
  readonly signature?: string
  readonly encryption?: string
  readonly bytesHex: string
}

interface Scenario {
  readonly source: { readonly test: string }
  readonly blocks: readonly BlockVector[]
}

const KINDS: ReadonlySet<string> = new Set(['lww', 'counter', 'composite', 'collection'])

for (const name of ['commits.json', 'commits-encrypted.json', 'commits-signed.json']) {
  describePublished<readonly Scenario[]>(name, (scenarios) => {
    it('are not few', () => {
      expect(scenarios.length).toBeGreaterThan(3)
    })

    const rows = scenarios.flatMap(({ source, blocks }) => blocks.map((block) => [source.test, block.kind, block.cid, block] as const))
    it.each(rows.filter(([, kind]) => KINDS.has(kind)))('%s: %s block %s', (_test, _kind, _cid, vector) => {
      expectBlock(vector)
    })
  })
}

describe('the own vectors of blocks', () => {
  const vectors = readOwn<readonly BlockVector[]>('blocks.json')

  it.each(vectors.map((vector) => [vector.rule, vector] as const))('%s', (_rule, vector) => {
    expectBlock(vector)
  })
})

function expectBlock(vector: BlockVector): void {
  const block = blockOf(vector)
  const sealed: SealedBlock = sealBlock(block)
  expect(bytesToHex(sealed.bytes)).toBe(vector.bytesHex)
  expect(cidToText(sealed.cid)).toBe(vector.cid)
  expect(openBlock(hexToBytes(vector.bytesHex))).toEqual(sealed)
}

function blockOf(vector: BlockVector): Block {
  return {
    delta: deltaOf(vector),
    heads: vector.heads.map(parseCid),
    links: vector.links.map(({ name, cid }) => ({ name, cid: parseCid(cid) })),
    ...(vector.signature === undefined ? {} : { signature: parseCid(vector.signature) }),
    ...(vector.encryption === undefined ? {} : { encryption: parseCid(vector.encryption) }),
  }
}

function deltaOf({ kind, height, docID = '', fieldName = '', status = 1, schemaVersionID, dataHex = '', nonce = 0 }: BlockVector): Delta {
  const common = { priority: height, schemaVersionId: schemaVersionID }
  const field = { ...common, data: hexToBytes(dataHex), docId: docID, fieldName }
  if (kind === 'lww') return { kind, ...field }
  if (kind === 'counter') return { kind, ...field, nonce: BigInt(nonce) }
  if (kind === 'composite') return { kind, ...common, docId: docID, status }
  if (kind === 'collection') return { kind, ...common }
  throw new Error(`no block of kind "${kind}"`)
}
