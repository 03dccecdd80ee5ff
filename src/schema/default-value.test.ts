import { describe, expect, it } from 'vitest'

import { withDefaults } from '../document/document-input.ts'
import type { CollectionVersion } from './collection-version.ts'
import { decodeCollection, encodeCollection } from './description-codec.ts'
import type { DialectName } from './dialect-name.ts'
import { parseSdl } from './sdl.ts'

function collectionOf(field: string, dialect: DialectName): CollectionVersion {
  const [collection] = parseSdl(`type A { x: ${field} }`, [], { dialect })
  if (collection === undefined) throw new Error('the text declares no type')
  return collection
}

const FIELDS: readonly (readonly [old: string, recent: string])[] = [
  ['Boolean @default(bool: true)', 'Boolean @default(value: true)'],
  ['Int @default(int: 9223372036854775807)', 'Int @default(value: 9223372036854775807)'],
  ['Float @default(float: 1.5)', 'Float @default(value: 1.5)'],
  ['Float64 @default(float64: 3)', 'Float64 @default(value: 3)'],
  ['Float32 @default(float32: 0.1)', 'Float32 @default(value: 0.1)'],
  ['String @default(string: "UTC_NOW")', 'String @default(value: "UTC_NOW")'],
  ['DateTime @default(dateTime: "2017-07-23T03:46:56-05:00")', 'DateTime @default(value: "2017-07-23T03:46:56-05:00")'],
  ['Blob @default(blob: "00ff")', 'Blob @default(value: "00ff")'],
  ['JSON @default(json: { a: [1, "b"] })', 'JSON @default(value: { a: [1, "b"] })'],
]

describe('a default', () => {
  it.each(FIELDS)('is the same collection in both dialects: %s', (old, recent) => {
    expect(collectionOf(recent, '1.0')).toEqual(collectionOf(old, '0.19'))
  })

  it.each(FIELDS)('is refused as the other dialect spells it: %s', (old, recent) => {
    expect(() => collectionOf(old, '1.0')).toThrow(/is of another dialect; in dialect 1\.0 write "@default\(value: …\)"/)
    expect(() => collectionOf(recent, '0.19')).toThrow(
      /"@default\(value:\)" is of another dialect; in dialect 0\.19 write "@default\(\w+: …\)"/,
    )
  })

  it.each([
    ['Int @default(value: 1.5)', 'the default 1.5 is no Int'],
    ['Int @default(value: UTC_NOW)', 'the default "UTC_NOW" is no Int'],
    ['String @default(value: red)', 'the default "red" is no String'],
    ['DateTime @default(value: NOW)', 'the default "NOW" is no DateTime'],
    ['DateTime @default', '"@default" takes one argument; for a field of kind DateTime it is "value"'],
    ['[Int] @default(value: 1)', 'default value is not allowed for this field type'],
  ])('of 1.0 has to fit its field: %s', (field, message) => {
    expect(() => collectionOf(field, '1.0')).toThrow(message)
  })

  it('does not stand for the present in dialect 0.19', () => {
    expect(() => collectionOf('DateTime @default(dateTime: "UTC_NOW")', '0.19')).toThrow('the default "UTC_NOW" is no DateTime')
  })
})

describe('UTC_NOW', () => {
  const NOW = new Date('2026-01-02T03:04:05.060Z')

  it('is the time at which a document is made, bare or in quotes, also once it was stored', () => {
    for (const field of ['DateTime @default(value: UTC_NOW)', 'DateTime @default(value: "UTC_NOW")']) {
      const collection = collectionOf(field, '1.0')
      for (const version of [collection, decodeCollection(encodeCollection(collection))]) {
        expect(withDefaults(version, new Map(), () => NOW).get('x')).toBe('2026-01-02T03:04:05.06Z')
      }
    }
  })

  it('is a text like any other in a String field', () => {
    const collection = collectionOf('String @default(value: "UTC_NOW")', '1.0')
    expect(withDefaults(collection, new Map(), () => NOW).get('x')).toBe('UTC_NOW')
  })

  it('is no part of what a schema is named by', () => {
    expect(collectionOf('DateTime @default(value: UTC_NOW)', '1.0').versionId).toBe(collectionOf('DateTime', '0.19').versionId)
  })
})
