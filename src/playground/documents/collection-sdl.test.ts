import { expect, test } from 'vitest'

import { parseSdl } from '../../schema/sdl.ts'
import { collectionSdl } from './collection-sdl.ts'

test('the SDL of a collection makes a collection with the same ID', () => {
  const sdl = `type Everything {
    flag: Boolean
    flags: [Boolean!]
    count: Int @crdt(type: pncounter)
    total: Float @crdt(type: pcounter)
    small: Float32
    text: String @index(unique: true)
    texts: [String]
    time: DateTime
    bytes: Blob
    tree: JSON
  }`
  const [collection, ...more] = parseSdl(sdl, [])
  expect(more).toEqual([])
  if (collection === undefined) throw new RangeError('no collection')
  const [again] = parseSdl(collectionSdl(collection) ?? '', [])
  expect(again?.collectionId).toBe(collection.collectionId)
})

test('a collection with relations has none', () => {
  const collections = parseSdl('type User { books: [Book] } type Book { author: User }', [])
  expect(collections.map(collectionSdl)).toEqual([undefined, undefined])
})
