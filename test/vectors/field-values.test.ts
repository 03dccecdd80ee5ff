import { describe, expect, it } from 'vitest'

import { documentPreimage } from '../../src/document/document-id.ts'
import { parseDocumentJson } from '../../src/document/json.ts'
import { decodeValue, encodeValue, parseValue } from '../../src/document/value.ts'
import type { DocumentValue } from '../../src/schema/document-value.ts'
import { knownValueKind, VALUE_KINDS, type Scalar, type ValueKind } from '../../src/schema/kinds.ts'
import { bytesToHex, hexToBytes } from '../../src/util/bytes.ts'
import { aCollection } from './collection.ts'
import { describePublished, readOwn } from './published.ts'

interface PublishedVector {
  readonly kind: string
  readonly where: 'delta' | 'document-ID preimage'
  readonly input: unknown
  readonly cborHex: string
}

interface OwnVector {
  readonly rule: string
  readonly kind: string
  /** JSON text, so that no number loses its spelling. */
  readonly json: string
  readonly dataHex: string
  /** Where the document ID is made from other bytes than the block. */
  readonly preimageHex?: string
}

const WHERE = { collection: 'Vectors', field: 'field' }
const NUMBERS: ReadonlySet<Scalar> = new Set(['Int', 'Float64', 'Float32'])

describePublished<{ readonly vectors: readonly PublishedVector[] }>('field-values.json', ({ vectors }) => {
  it('are not few', () => {
    expect(vectors.length).toBeGreaterThan(80)
  })

  it.each(vectors.map((vector) => [vector.kind, vector.where, JSON.stringify(vector.input), vector] as const))(
    '%s in a %s: %s',
    (...row) => {
      const [, , , { kind, where, input, cborHex }] = row
      if (kind === 'document map') {
        expect(bytesToHex(mapOf(input))).toBe(cborHex)
      } else if (where === 'document-ID preimage') {
        expect(bytesToHex(mapOf({ ni: input }))).toBe(`a1626e69${cborHex}`)
      } else {
        const kinds = kind === 'any kind' ? VALUE_KINDS : [knownValueKind(kind)]
        for (const valueKind of kinds) expectValue(valueKind, spelledNumber(valueKind, input), cborHex)
      }
    },
  )
})

describe('the own vectors of field values', () => {
  const vectors = readOwn<readonly OwnVector[]>('field-values.json')

  it('have every kind', () => {
    expect(new Set(vectors.map(({ kind }) => kind))).toEqual(new Set(VALUE_KINDS.map(({ name }) => name)))
  })

  it.each(vectors.map((vector) => [vector.rule, vector.kind, vector.json, vector] as const))(
    '%s (%s %s)',
    (_rule, _kind, _json, vector) => {
      const kind = knownValueKind(vector.kind)
      const value = expectValue(kind, parseDocumentJson(vector.json), vector.dataHex)
      const preimage = documentPreimage(aCollection({ f: vector.kind }), new Map([['f', value]]))
      const member = value === null ? 'a0' : `a16166${vector.preimageHex ?? vector.dataHex}`
      expect(bytesToHex(preimage)).toBe(member + bytesToHex(new TextEncoder().encode(aCollection({}).collectionId)))
    },
  )
})

function expectValue(kind: ValueKind, input: unknown, hex: string): DocumentValue {
  const value = parseValue(kind, input, WHERE)
  expect(bytesToHex(encodeValue(kind, value))).toBe(hex)
  expect(decodeValue(kind, hexToBytes(hex))).toEqual(value)
  return value
}

/** Single numbers are published as texts, in their JSON spelling. */
function spelledNumber(kind: ValueKind, input: unknown): unknown {
  return kind.list === false && NUMBERS.has(kind.scalar) && typeof input === 'string' ? parseDocumentJson(input) : input
}

/** The map inside a document ID's preimage, of fields with the kinds that the published map names. */
function mapOf(input: unknown): Uint8Array {
  const kinds = {
    b: 'Boolean',
    i: 'Int',
    f: 'Float64',
    g: 'Float32',
    d: 'DateTime',
    s: 'String',
    blob: 'Blob',
    j: 'JSON',
    ia: '[Int!]',
    ni: '[Int]',
    ns: '[String]',
    longer_name: 'String',
  }
  const collection = aCollection(kinds)
  const values = Object.entries(input as object).map(
    ([name, given]: [string, unknown]) => [name, parseValue(knownValueKind(kinds[name as keyof typeof kinds]), given, WHERE)] as const,
  )
  const preimage = documentPreimage(collection, new Map(values))
  return preimage.subarray(0, preimage.length - collection.collectionId.length)
}
