import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { encodeText } from '../util/bytes.ts'
import { decodeCollection, encodeCollection } from './description-codec.ts'
import { parseSdl } from './sdl.ts'

describe('the stored form of a collection', () => {
  it.each([
    'type A { x: Int }',
    'type A @branchable { x: Int @default(int: 9223372036854775807) @index y: [String!] @constraints(size: 1) z: JSON @default(json: {int: "7"}) }',
    'type A { t: String v: [Float32!] @embedding(fields: ["t"], provider: "p", model: "m", url: "u", template: "x") }',
    'type Post { n: Float @crdt(type: pcounter) blog: Blog } type Blog { posts: [Post] }',
    'type A { b: B @primary @relation(name: "x") c: B @relation(name: "y") } type B { a: A @relation(name: "x") d: A @primary @relation(name: "y") }',
    'type A { bs: [B] } interface B { at: DateTime @default(dateTime: "2026-01-02T03:04:05Z") }',
  ])('gives back what was stored: %s', (sdl) => {
    for (const version of parseSdl(sdl, [])) {
      expect(decodeCollection(encodeCollection(version))).toEqual(version)
      const patched = { ...version, previousVersionId: 'bafk', isActive: false }
      expect(decodeCollection(encodeCollection(patched))).toEqual(patched)
    }
  })

  it.each([
    '',
    '{}',
    '[]',
    'null',
    '{"form":2}',
    '{"form":1,"name":3}',
    '{"form":1,"name":"A"',
    '{"form":1,"name":"A","collectionId":"x","versionId":"x"}',
  ])('refuses %s as corrupt', (text) => {
    expect(failureOf(() => decodeCollection(encodeText(text)))).toBe('CORRUPT_DATA')
  })

  it('refuses kinds and CRDT types that it does not know', () => {
    const stored = new TextDecoder().decode(encodeCollection(parseSdl('type A { x: Int }', [])[0] ?? fail()))
    expect(failureOf(() => decodeCollection(encodeText(stored.replace('"kind":"Int"', '"kind":"Text"'))))).toBe('CORRUPT_DATA')
    expect(failureOf(() => decodeCollection(encodeText(stored.replace('"crdt":"lww"', '"crdt":"set"'))))).toBe('CORRUPT_DATA')
  })
})

function failureOf(body: () => unknown): string | undefined {
  try {
    body()
    return undefined
  } catch (error) {
    return isFailure(error) ? error.code : String(error)
  }
}

function fail(): never {
  throw new Error('no collection')
}
