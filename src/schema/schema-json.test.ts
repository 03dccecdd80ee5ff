import { describe, expect, it } from 'vitest'

import { patchSchema } from './patch-schema.ts'
import { describeSchemas } from './schema-json.ts'
import { parseSdl } from './sdl.ts'

const first = parseSdl('type Book { title: String author: Author } type Author { books: [Book] }', [])
const versions = [
  ...first,
  ...patchSchema(first, [{ op: 'add', path: '/Author/Fields/name', value: { Kind: 'String' } }], { setActive: false }),
]

describe('describeSchemas', () => {
  it('gives the hashed part of every version, by version ID', () => {
    const all = describeSchemas(versions)
    expect(all).toHaveLength(4)
    expect(all.map(({ VersionID }) => VersionID)).toEqual(all.map(({ VersionID }) => VersionID).toSorted())
    const [book, author] = first
    expect(all.find(({ VersionID }) => VersionID === book?.versionId)).toEqual({
      Root: book?.collectionId,
      VersionID: book?.versionId,
      Name: 'Book',
      Fields: [
        { Name: '_docID', Kind: 1, Typ: 0 },
        { Name: 'title', Kind: 11, Typ: 1 },
        { Name: 'author', Kind: { Array: false, Root: author?.collectionId }, Typ: 1 },
        { Name: 'author_id', Kind: 1, Typ: 1 },
      ],
    })
  })

  it('filters by name, root and version', () => {
    const [, author] = first
    expect(describeSchemas(versions, { name: 'Author' })).toHaveLength(2)
    expect(describeSchemas(versions, { root: author?.collectionId ?? '' })).toHaveLength(2)
    expect(describeSchemas(versions, { versionID: author?.versionId ?? '' })).toMatchObject([{ Name: 'Author' }])
    expect(describeSchemas(versions, { name: 'Nobody' })).toEqual([])
  })

  it('fails for a version that is not there', () => {
    expect(() => describeSchemas(versions, { versionID: 'x' })).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
  })
})
