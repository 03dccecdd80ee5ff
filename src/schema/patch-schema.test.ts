import { describe, expect, it } from 'vitest'

import type { CollectionVersion } from './collection-version.ts'
import { patchSchema } from './patch-schema.ts'
import { parseSdl } from './sdl.ts'

const NOTE = 'type Note { title: String @default(string: "none") stars: Int @index }'
const BLOG = 'type Post { title: String blog: Blog } type Blog { name: String posts: [Post] }'
const PAIR = 'type Book { author: Author } type Author { wrote: Book @primary }'

const add = (path: string, value: unknown): object => ({ op: 'add', path, value })

const versionsOf = (sdl: string, patch: unknown, setActive = true): readonly CollectionVersion[] =>
  patchSchema(parseSdl(sdl, []), patch, { setActive })

const newVersion = (sdl: string, ...patch: readonly object[]): CollectionVersion | undefined =>
  versionsOf(sdl, patch).find((version) => version.isActive)

const fieldOf = (version: CollectionVersion | undefined, name: string): unknown => version?.fields.find((field) => field.name === name)

describe('a schema patch', () => {
  it('adds a field in a new version, which is active in the place of the old one', () => {
    const [first] = parseSdl(NOTE, [])
    const changed = versionsOf(NOTE, [add('/Note/Fields/-', { Name: 'done', Kind: 2 })])
    expect(changed.map(({ versionId, isActive }) => [versionId === first?.versionId, isActive])).toEqual([
      [true, false],
      [false, true],
    ])
    expect(changed[1]).toMatchObject({ name: 'Note', collectionId: first?.collectionId, previousVersionId: first?.versionId })
    expect(fieldOf(changed[1], 'done')).toEqual({ name: 'done', kind: expect.objectContaining({ name: 'Boolean' }), crdt: 'lww' })
  })

  it('leaves the old version active when it is told so', () => {
    const changed = versionsOf(NOTE, [add('/Note/Fields/-', { Name: 'done', Kind: 2 })], false)
    expect(changed.map(({ isActive }) => isActive)).toEqual([false])
  })

  it('keeps everything of the version before: defaults, sizes, indexes', () => {
    const [first] = parseSdl(NOTE, [])
    const next = newVersion(NOTE, add('/Note/Fields/-', { Name: 'done', Kind: 2 }))
    expect(next?.indexes).toEqual(first?.indexes)
    expect(next?.fields.filter(({ name }) => name !== 'done')).toEqual(first?.fields)
  })

  it('takes the name of a field for its index, and `-` for one that is new', () => {
    const next = newVersion(
      NOTE,
      { op: 'test', path: '/Note/Fields/title/Kind', value: 11 },
      add('/Note/Fields/done', { Kind: 'Boolean' }),
      { op: 'replace', path: '/Note/Fields/done/Kind', value: 'Int' },
      { op: 'copy', from: '/Note/Fields/stars', path: '/Note/Fields/4' },
      { op: 'replace', path: '/Note/Fields/4/Name', value: 'likes' },
    )
    expect(next?.schemaFields.map(({ name, kind }) => [name, kind])).toEqual([
      ['_docID', 1],
      ['stars', 4],
      ['title', 11],
      ['done', 4],
      ['likes', 4],
    ])
  })

  it.each([
    [{ Kind: '[Float]' }, '[Float64]', 'lww'],
    [{ Kind: '[String!]' }, '[String!]', 'lww'],
    [{ Kind: 14 }, 'JSON', 'lww'],
    [{ Kind: 'Int', Typ: 4 }, 'Int', 'pncounter'],
    [{ Kind: 'Float32', Typ: 5, Size: 3 }, 'Float32', 'pcounter'],
  ])('reads the kind and CRDT type of %j', (value, kind, crdt) => {
    expect(fieldOf(newVersion(NOTE, add('/Note/Fields/x', value)), 'x')).toMatchObject({ kind: { name: kind }, crdt })
  })

  it('adds a relation with its ID, which pairs up with nothing on the other side', () => {
    const next = versionsOf(BLOG, [add('/Post/Fields/-', { Name: 'second', Kind: 'Blog' })]).find(
      ({ isActive, name }) => isActive && name === 'Post',
    )
    const relation = { relationName: 'blog_post_second', isPrimary: true }
    expect(fieldOf(next, 'second')).toMatchObject({ kind: { type: 'relation', collection: 'Blog', list: false }, ...relation })
    expect(fieldOf(next, 'second_id')).toMatchObject({ kind: { name: 'ID' }, crdt: 'none', ...relation })
    expect(fieldOf(next, 'blog')).toMatchObject({ relationName: 'blog_post' })
  })

  it.each(['Note', 'Self', { Name: 'Note', Array: false }])('lets a type refer to itself as %j', (kind) => {
    const next = newVersion(NOTE, add('/Note/Fields/-', { Name: 'parent', Kind: kind }))
    expect(fieldOf(next, 'parent')).toMatchObject({ kind: { collection: 'Note', list: false }, isPrimary: true })
    expect(next?.schemaFields.find(({ name }) => name === 'parent')?.kind).toEqual({ RelativeID: '', Array: false })
  })

  it('changes only the schemas it is about, and those with a relation', () => {
    const sdl = `${NOTE} ${BLOG} type Tag { name: String }`
    const changed = versionsOf(sdl, [add('/Note/Fields/-', { Name: 'done', Kind: 2 })])
    expect(changed.filter(({ isActive }) => isActive).map(({ name }) => name)).toEqual(['Note', 'Post'])
    expect(versionsOf(`${NOTE} type Tag { name: String }`, [])).toEqual([])
  })

  it('is the same version when it is made twice', () => {
    const patch = [add('/Note/Fields/-', { Name: 'done', Kind: 2 })]
    const first = parseSdl(NOTE, [])
    const added = patchSchema(first, patch, { setActive: false })
    expect(patchSchema([...first, ...added], patch, { setActive: false })).toEqual([])
    const [before, after] = patchSchema([...first, ...added], patch, { setActive: true })
    expect([before?.isActive, after?.isActive, after?.versionId]).toEqual([false, true, added[0]?.versionId])
  })

  it('leaves a schema alone that is moved or taken out of the map, since none can be deleted', () => {
    expect(versionsOf(NOTE, [{ op: 'remove', path: '/Note' }])).toEqual([])
    expect(versionsOf(NOTE, [{ op: 'move', from: '/Note', path: '/Other' }])).toEqual([])
    expect(versionsOf(NOTE, [{ op: 'remove', path: '/Note/VersionID' }])).toEqual([])
  })

  it('may give a value the name under which the other side of a relation has its ID', () => {
    const next = versionsOf(PAIR, [add('/Book/Fields/-', { Name: 'author_id', Kind: 4 })]).find(
      ({ isActive, name }) => isActive && name === 'Book',
    )
    expect(fieldOf(next, 'author_id')).toMatchObject({ kind: { name: 'Int' }, crdt: 'lww' })
  })

  describe('is refused', () => {
    it.each<[string, object]>([
      ['duplicate field. Name: x', [add('/Note/Fields/-', { Name: 'x', Kind: 4 }), add('/Note/Fields/-', { Name: 'x', Kind: 4 })]],
      ['mutating an existing field is not supported. ProposedName: title', [{ op: 'replace', path: '/Note/Fields/title/Kind', value: 4 }]],
      ['mutating an existing field is not supported. ProposedName: stars', [{ op: 'replace', path: '/Note/Fields/stars/Typ', value: 4 }]],
      [
        'moving fields is not currently supported. Name: title, ProposedIndex: 1, ExistingIndex: 2',
        [{ op: 'move', from: '/Note/Fields/2', path: '/Note/Fields/1' }],
      ],
      ['deleting an existing field is not supported. Name: title', [{ op: 'remove', path: '/Note/Fields/title' }]],
      ['deleting an existing field is not supported. Name: _docID', [{ op: 'replace', path: '/Note/Fields', value: [] }]],
      ["schema name can't be empty", [{ op: 'remove', path: '/Note/Name' }]],
      ['adding schema via patch is not supported. Name: Tag', [add('/Tag', { Name: 'Tag' })]],
      ['adding schema via patch is not supported. Name: Memo', [{ op: 'replace', path: '/Note/Name', value: 'Memo' }]],
      ['SchemaRoot does not match existing. Name: Note', [{ op: 'remove', path: '/Note/Root' }]],
      ['setting the VersionID is not supported', [{ op: 'replace', path: '/Note/VersionID', value: 'mine' }]],
      ['json: unknown field "Foo"', [add('/Note/Foo', 1)]],
      ['add operation does not apply: doc is missing path', [add('/Tag/Fields/-', { Name: 'x', Kind: 4 })]],
      ['the index used does not match the given name. Index: x, Name: y', [add('/Note/Fields/x', { Name: 'y', Kind: 4 })]],
      ['doc is missing key', [{ op: 'replace', path: '/Note/Fields/nothing', value: {} }]],
      ['no type found for given name. Field: x, Kind: Nite (did you mean "Note"?)', [add('/Note/Fields/x', { Kind: 'Nite' })]],
      ['no type found for given name. Field: x, Kind: Self-3', [add('/Note/Fields/x', { Kind: 'Self-3' })]],
      ['no type found for given name. Type: 16', [add('/Note/Fields/x', { Kind: 16 })]],
      ['no type found for given name. Type: 0', [add('/Note/Fields/x', {})]],
      ['secondary relation fields cannot be defined on the schema. Name: x', [add('/Note/Fields/x', { Kind: '[Self]' })]],
      [
        'relational id field of invalid kind. Field: x_id, Expected: ID, Actual: Int',
        [add('/Note/Fields/x', { Kind: 'Self' }), add('/Note/Fields/x_id', { Kind: 4 })],
      ],
      ['CRDT type not supported. Name: x, CRDTType: composite', [add('/Note/Fields/x', { Kind: 4, Typ: 3 })]],
      ['CRDT type not supported. Name: x, CRDTType: unknown', [add('/Note/Fields/x', { Kind: 4, Typ: 77 })]],
      ["CRDT type pncounter can't be assigned to field kind [Int!]", [add('/Note/Fields/x', { Kind: '[Int!]', Typ: 4 })]],
      ["CRDT type pcounter can't be assigned to field kind Note", [add('/Note/Fields/x', { Kind: 'Note', Typ: 5 })]],
      ['Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but "" does not.', [add('/Note/Fields/-', { Kind: 4 })]],
      ['Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but "a b" does not.', [add('/Note/Fields/-', { Name: 'a b', Kind: 4 })]],
      ['"_group" is a reserved name', [add('/Note/Fields/-', { Name: '_group', Kind: 4 })]],
      ['"Fields" is a list', [{ op: 'replace', path: '/Note/Fields', value: 3 }]],
      ['a field is an object', [{ op: 'replace', path: '/Note/Fields', value: [3] }]],
      ['the "Typ" of a field is the number of a CRDT type', [add('/Note/Fields/-', { Name: 'x', Kind: 4, Typ: 'lww' })]],
    ])('%s', (message, patch) => {
      expect(() => versionsOf(NOTE, patch)).toThrow(
        expect.objectContaining({ code: 'INVALID_SCHEMA', message: expect.stringContaining(message) }),
      )
    })

    it('with all faults at once', () => {
      const twice = add('/Note/Fields/-', { Name: 'title', Kind: 11 })
      expect(() => versionsOf(NOTE, [twice, twice])).toThrow(
        'mutating an existing field is not supported. ProposedName: title\nmutating an existing field is not supported. ProposedName: title',
      )
    })

    it('for a field that has the name of a relation which is stored on the other side', () => {
      expect(() => versionsOf(BLOG, [add('/Blog/Fields/posts', { Kind: 'String' })])).toThrow('duplicate field. Name: posts')
    })

    it('for a schema of which no version is active', () => {
      const versions = parseSdl(NOTE, []).map((version) => ({ ...version, isActive: false }))
      expect(() => patchSchema(versions, [add('/Note/Fields/x', { Kind: 4 })], { setActive: true })).toThrow('doc is missing path')
    })
  })
})
