import { describe, expect, it } from 'vitest'

import { collectionToJson } from './collection-json.ts'
import type { CollectionVersion } from './collection-version.ts'
import { patchCollections } from './patch-collections.ts'
import { patchSchema } from './patch-schema.ts'
import { parseSdl } from './sdl.ts'

const NOTE =
  'type Note { title: String @default(string: "none") vector: [Float32!] other: [Float32!] list: [Int] @constraints(size: 2) stars: Int @index }'
const first = parseSdl(NOTE, [])
const second = patchSchema(first, [{ op: 'add', path: '/Note/Fields/done', value: { Kind: 2 } }], { setActive: false })
const versions = [...first, ...second]
const [id, nextId] = versions.map(({ versionId }) => versionId)
const EMBEDDING = { FieldName: 'vector', Fields: ['title'], Provider: 'ollama', Model: 'nomic-embed-text' }

const patched = (...patch: readonly object[]): readonly CollectionVersion[] => patchCollections(versions, patch)
const replace = (version: string | undefined, member: string, value: unknown): object => ({
  op: 'replace',
  path: `/${version ?? ''}/${member}`,
  value,
})
const addEmbedding = (value: object): object => ({ op: 'add', path: `/${id ?? ''}/VectorEmbeddings/-`, value })

describe('a collection patch', () => {
  it('puts a version out of use and another one in its place', () => {
    const changed = patched(replace(id, 'IsActive', false), replace(nextId, 'IsActive', true))
    expect(changed.map(({ versionId, isActive }) => [versionId, isActive])).toEqual([
      [id, false],
      [nextId, true],
    ])
  })

  it('changes the embeddings of fields', () => {
    const [changed] = patched(addEmbedding({ ...EMBEDDING, URL: 'http://localhost:11434/api' }))
    const embedding = { provider: 'ollama', model: 'nomic-embed-text', url: 'http://localhost:11434/api', fields: ['title'] }
    expect(changed?.fields.find(({ name }) => name === 'vector')?.embedding).toEqual(embedding)
    const [back] = patchCollections(changed === undefined ? [] : [changed], [{ op: 'remove', path: `/${id ?? ''}/VectorEmbeddings/0` }])
    expect(back?.fields).toEqual(first[0]?.fields)
  })

  it('gives nothing when nothing changes', () => {
    const name = `/${id ?? ''}/Name`
    expect(patched({ op: 'copy', from: name, path: `/${nextId ?? ''}/Name` }, { op: 'test', path: name, value: 'Note' })).toEqual([])
  })

  it('has no migrations', () => {
    expect(() => patched(replace(nextId, 'Sources/0/Transform', {}))).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
  })

  it.each<[string, object]>([
    ['collection name cannot be mutated. NewName: Memo, OldName: Note', replace(id, 'Name', 'Memo')],
    ["collection name can't be empty", { op: 'remove', path: `/${id ?? ''}/Name` }],
    ['collections cannot be deleted. CollectionID: ', { op: 'remove', path: `/${id ?? ''}` }],
    ['adding collections via patch is not supported', { op: 'add', path: '/-', value: { Name: 'Tag' } }],
    ["schema name can't be empty", { op: 'add', path: '/-', value: { Name: 'Tag' } }],
    ['collection ID cannot be empty', replace(id, 'VersionID', '')],
    ['collection already exists. ID: ', replace(nextId, 'VersionID', id)],
    ['collection ID cannot be mutated. ', replace(id, 'CollectionID', 'x')],
    ['multiple versions of same collection cannot be active. Name: Note', replace(nextId, 'IsActive', true)],
    ['collection already exists. Name: Note', replace(nextId, 'IsActive', true)],
    ['mutating IsBranchable is not supported. Collection: Note', replace(id, 'IsBranchable', true)],
    ['mutating IsEmbeddedOnly is not supported. Collection: Note', replace(id, 'IsEmbeddedOnly', true)],
    ['non-materialized collections are not supported. Collection: Note', replace(id, 'IsMaterialized', false)],
    ['collection fields cannot be mutated. ', replace(id, 'Fields/2/Size', 3)],
    ['collection fields cannot be mutated. ', replace(id, 'Fields', [{}])],
    ['collection indexes cannot be mutated. ', replace(id, 'Indexes', [])],
    ['collection policy cannot be mutated. ', replace(id, 'Policy', { ResourceName: 'notes' })],
    ['collection sources cannot be added or removed. ', replace(id, 'Sources', [{ SourceCollectionID: id }])],
    ['collection sources cannot be added or removed. ', { op: 'remove', path: `/${nextId ?? ''}/Sources/0` }],
    ['collection source ID cannot be mutated. ', replace(nextId, 'Sources/0/SourceCollectionID', 'x')],
    ['json: unknown field "Nme" (did you mean "Name"?)', { op: 'add', path: `/${id ?? ''}/Nme`, value: 1 }],
    ['"IsActive" is true or false', replace(id, 'IsActive', 1)],
    ['"Name" is a text', replace(id, 'Name', 1)],
    ['embedding FieldName cannot be empty', addEmbedding({ ...EMBEDDING, FieldName: '' })],
    ['the given field does not exist. Vector field: x', addEmbedding({ ...EMBEDDING, FieldName: 'x' })],
    ['invalid type for vector embedding. Actual: String', addEmbedding({ ...EMBEDDING, FieldName: 'title' })],
    ['embedding Fields cannot be empty', addEmbedding({ ...EMBEDDING, Fields: [] })],
    ['the given field does not exist. Embedding generation field: x', addEmbedding({ ...EMBEDDING, Fields: ['x'] })],
    ['invalid field type for vector embedding generation. Actual: [Float32!]', addEmbedding({ ...EMBEDDING, Fields: ['other'] })],
    ['embedding fields cannot refer to self or another embedding field. Field: vector', addEmbedding({ ...EMBEDDING, Fields: ['vector'] })],
    ['embedding Provider cannot be empty', addEmbedding({ ...EMBEDDING, Provider: '' })],
    ['embedding Model cannot be empty', addEmbedding({ ...EMBEDDING, Model: '' })],
    ['an embedding template can only name fields', addEmbedding({ ...EMBEDDING, Template: '{{ range . }}' })],
    ['"Fields" of an embedding are names of fields', addEmbedding({ ...EMBEDDING, Fields: [1] })],
  ])('is refused: %s', (message, operation) => {
    expect(() => patched(operation)).toThrow(expect.objectContaining({ code: 'INVALID_SCHEMA', message: expect.stringContaining(message) }))
  })

  it('has one embedding for a field', () => {
    expect(() => patched(addEmbedding(EMBEDDING), addEmbedding(EMBEDDING))).toThrow('a field can have one embedding. Field: vector')
  })
})

describe('a collection as JSON', () => {
  it('has its sources, and kinds only for the fields of relations', () => {
    const blog = parseSdl('type Post { title: String blog: Blog } type Blog { posts: [Post] }', [])
    const described = blog.map((version) => collectionToJson(version, blog))
    const [post, owner] = blog
    expect(described[0]?.Fields.map(({ Name, Kind, RelationName }) => [Name, Kind, RelationName])).toEqual([
      ['_docID', null, null],
      ['blog', { Array: false, Root: owner?.collectionId }, 'blog_post'],
      ['blog_id', 1, 'blog_post'],
      ['title', null, null],
    ])
    expect(described[1]?.Fields[1]).toMatchObject({ Name: 'posts', Kind: { Array: true, Root: post?.collectionId } })
    expect(collectionToJson(second[0] ?? blog[0] ?? never(), versions).Sources).toEqual([{ SourceCollectionID: id, Transform: null }])
  })
})

function never(): never {
  throw new Error('there is a version')
}
