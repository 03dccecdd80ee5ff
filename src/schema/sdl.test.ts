import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { parseSdl } from './sdl.ts'

const only = (sdl: string): ReturnType<typeof parseSdl>[number] => {
  const [version, ...others] = parseSdl(sdl, [])
  if (version === undefined || others.length > 0) throw new Error('one type was to be here')
  return version
}

const fieldOf = (sdl: string, name: string): unknown =>
  parseSdl(sdl, []).flatMap(({ fields }) => fields.filter((field) => field.name === name))[0]

/** The failure of a schema text. */
const failureOf = (sdl: string, existing = ''): { readonly code: string; readonly message: string; readonly details: unknown } => {
  try {
    parseSdl(sdl, existing === '' ? [] : parseSdl(existing, []))
  } catch (error) {
    if (isFailure(error)) return { code: error.code, message: error.message, details: error.details }
    throw error
  }
  throw new Error('the schema was accepted')
}

describe('parseSdl', () => {
  it('lists _docID first and the other fields by name', () => {
    expect(only('type Note { title: String Body: String age: Int }').fields.map(({ name }) => name)).toEqual([
      '_docID',
      'Body',
      'age',
      'title',
    ])
  })

  it('makes collections active, materialized and not branchable unless told otherwise', () => {
    expect(only('type Note { a: Int }')).toMatchObject({ isActive: true, isMaterialized: true, isBranchable: false, isEmbeddedOnly: false })
    expect(only('type Note @branchable @materialized(if: false) { a: Int }')).toMatchObject({ isBranchable: true, isMaterialized: false })
    expect(only('type Note @branchable(if: false) { a: Int }').isBranchable).toBe(false)
    expect(only('interface Note { a: Int }').isEmbeddedOnly).toBe(true)
  })

  it('gives the types of a text in the order of the text', () => {
    expect(parseSdl('type B {} type A { b: Int }', []).map(({ name }) => name)).toEqual(['B', 'A'])
  })

  it('accepts an empty body wherever it stands, and comments and descriptions', () => {
    expect(parseSdl('"""Empty""" type A { # nothing\n }\ntype B { "a text" a: String @default(string: "{}") }', [])).toHaveLength(2)
  })

  it('reads lists, with and without nulls', () => {
    expect(fieldOf('type A { x: [Int] }', 'x')).toMatchObject({ kind: { scalar: 'Int', list: 'nillable', number: 19 } })
    expect(fieldOf('type A { x: [Float!] }', 'x')).toMatchObject({ kind: { scalar: 'Float64', list: 'non-null', number: 7 } })
  })

  it('reads CRDT types, defaults and sizes', () => {
    expect(fieldOf('type A { x: Int @crdt(type: pncounter) @default(int: 9007199254740993) }', 'x')).toMatchObject({
      crdt: 'pncounter',
      defaultValue: 9007199254740993n,
    })
    expect(fieldOf('type A { x: [Int!] @constraints(size: 2) }', 'x')).toMatchObject({ size: 2 })
    expect(fieldOf('type A { x: JSON @default(json: {a: [1, null]}) }', 'x')).toMatchObject({ defaultValue: { a: [1, null] } })
    expect(fieldOf('type A { x: JSON @default(json: "{\\"a\\": 1}") }', 'x')).toMatchObject({ defaultValue: { a: 1 } })
  })

  it('keeps what an embedding is made from', () => {
    const sdl = 'type A { t: String v: [Float32!] @embedding(fields: ["t"], provider: "p", model: "m") }'
    expect(fieldOf(sdl, 'v')).toMatchObject({ embedding: { fields: ['t'], provider: 'p', model: 'm' } })
  })

  it('gives a value the name that the ID would have on the side that does not store it', () => {
    const [book] = parseSdl('type Book { author_id: Int author: Author } type Author { wrote: Book @primary }', [])
    expect(book?.fields.map(({ name, kind }) => [name, kind.type === 'value' ? kind.name : kind.collection])).toEqual([
      ['_docID', 'ID'],
      ['author', 'Author'],
      ['author_id', 'Int'],
    ])
    expect(book?.schemaFields).toContainEqual({ name: 'author_id', kind: 4, typ: 1 })
  })

  describe('relations', () => {
    const blog = 'type Post { title: String blog: Blog } type Blog { name: String posts: [Post] }'

    it('stores the ID on the side with one document, and names the relation by both types', () => {
      expect(fieldOf(blog, 'blog')).toEqual({
        name: 'blog',
        kind: { type: 'relation', collection: 'Blog', list: false },
        crdt: 'lww',
        relationName: 'blog_post',
        isPrimary: true,
      })
      expect(fieldOf(blog, 'blog_id')).toMatchObject({ kind: { name: 'ID' }, relationName: 'blog_post', isPrimary: true })
      expect(fieldOf(blog, 'posts')).toMatchObject({ kind: { list: true }, relationName: 'blog_post', isPrimary: false })
    })

    it('stores the target by its root, and by its place within one set', () => {
      const [post, owner] = parseSdl(blog, [])
      expect(post?.schemaFields).toContainEqual({ name: 'blog', kind: { Array: false, Root: owner?.collectionId }, typ: 1 })
      const [tree] = parseSdl('type Tree { parent: Tree children: [Tree] }', [])
      expect(tree?.schemaFields).toContainEqual({ name: 'parent', kind: { RelativeID: '', Array: false }, typ: 1 })
      const circle =
        'type A { b: B @primary @relation(name: "x") c: B @relation(name: "y") } type B { a: A @relation(name: "x") d: A @primary @relation(name: "y") }'
      expect(parseSdl(circle, [])[0]?.schemaFields).toContainEqual({ name: 'b', kind: { RelativeID: '1', Array: false }, typ: 1 })
    })

    it('knows the ID field on both sides of a one to one relation', () => {
      const sdl = 'type User { pass: Pass @primary } type Pass { user: User }'
      expect(fieldOf(sdl, 'pass_id')).toMatchObject({ isPrimary: true })
      expect(fieldOf(sdl, 'user_id')).toMatchObject({ isPrimary: false })
    })

    it('lets two fields of one side refer to a type that does not refer back', () => {
      expect(fieldOf('type Match { home: Team away: Team } type Team { name: String }', 'away_id')).toMatchObject({ isPrimary: true })
    })

    it('asks for one primary side of a one to one relation', () => {
      expect(failureOf('type A { b: B } type B { a: A }').message).toMatch(
        'relation missing field. Object: A, RelationName: a_b; write @primary on A.b or B.a',
      )
      expect(failureOf('type A { b: B @primary } type B { a: A @primary }').message).toMatch(
        'relation can only have a single field set as primary',
      )
    })

    it('asks for the other side of a list', () => {
      expect(failureOf('type A { bs: [B] } type B { x: Int }').message).toMatch(
        'relation missing field. Object: B, RelationName: a_b; "B" needs a field of type A',
      )
      expect(failureOf('type A { bs: [B] } type B { as: [A] }').message).toMatch('put a type between the two')
    })

    it('lets a document hold a list of embedded ones', () => {
      expect(parseSdl('type A { bs: [B] } interface B { x: Int }', [])).toHaveLength(2)
    })

    it('asks for names where more than two fields make one relation', () => {
      expect(failureOf('type A { b: B @primary c: B } type B { a: A }').message).toMatch(
        'the relation "a_b" has more than two fields: A.b, A.c, B.a; give each pair a name with @relation(name: "…")',
      )
    })

    it('refuses @primary on a list, and relation directives on values', () => {
      expect(failureOf('type A { bs: [B] @primary } type B { a: A }').message).toMatch('"@primary" cannot stand on the list "bs"')
      expect(failureOf('type A { b: Int @relation(name: "x") }').message).toMatch(
        '"@relation" stands on a field that is another document; "b" is Int',
      )
    })

    it('refuses an ID field of another kind than ID', () => {
      expect(failureOf('type A { b: B b_id: Int } type B {}').message).toMatch(
        'relational id field of invalid kind. Field: b_id, Expected: ID, Actual: Int',
      )
      expect(parseSdl('type A { b: B b_id: ID } type B {}', [])[0]?.fields.filter(({ name }) => name === 'b_id')).toHaveLength(1)
    })
  })

  describe('indexes', () => {
    const indexesOf = (sdl: string): unknown => parseSdl(sdl, [])[0]?.indexes

    it('are named after their first field and numbered', () => {
      expect(
        indexesOf(
          'type A @index(includes: [{field: "x"}, {field: "y", direction: DESC}], unique: true) { x: Int @index y: Int @index(direction: DESC) }',
        ),
      ).toEqual([
        { name: 'A_x_ASC', id: 1, unique: false, fields: [{ name: 'x', descending: false }] },
        { name: 'A_y_ASC', id: 2, unique: false, fields: [{ name: 'y', descending: true }] },
        {
          name: 'A_x_ASC_2',
          id: 3,
          unique: true,
          fields: [
            { name: 'x', descending: false },
            { name: 'y', descending: true },
          ],
        },
      ])
    })

    it('stand under the ID field of a relation', () => {
      expect(indexesOf('type A { b: B @index(name: "by_b") } type B { x: Int }')).toMatchObject([
        { name: 'by_b', fields: [{ name: 'b_id' }] },
      ])
    })

    it('put the field they stand on first when their list does not have it', () => {
      expect(indexesOf('type A { x: Int @index(includes: [{field: "y"}]) y: Int }')).toMatchObject([
        { fields: [{ name: 'x' }, { name: 'y' }] },
      ])
      expect(indexesOf('type A { x: Int @index(includes: [{field: "y"}, {field: "x"}]) y: Int }')).toMatchObject([
        { fields: [{ name: 'y' }, { name: 'x' }] },
      ])
    })

    it('refuse unknown fields, empty lists, doubled names and sides without values', () => {
      expect(failureOf('type A @index(includes: [{field: "nam"}]) { name: Int }').message).toMatch('Property: nam (did you mean "name"?)')
      expect(failureOf('type A @index { x: Int }').message).toMatch('"@index" on a type names its fields')
      expect(failureOf('type A { x: Int @index(name: "i") y: Int @index(name: "i") }').message).toMatch(
        'index with name already exists. Name: i',
      )
      expect(failureOf('type A { x: Int @index(name: "9") }').message).toMatch('"9" is no name of an index')
      expect(failureOf('type A { bs: [B] @index } type B { a: A }').message).toMatch('"bs" holds no values to index')
    })
  })

  describe('mistakes', () => {
    it('are INVALID_SCHEMA and say type, field, line and column', () => {
      expect(failureOf('type User {\n  name: Strng\n}')).toEqual({
        code: 'INVALID_SCHEMA',
        message: 'no type found for given name. Field: name, Kind: Strng (did you mean "String"?) (line 2, column 9)',
        details: { type: 'User', field: 'name', line: 2, column: 9 },
      })
    })

    it.each([
      [
        'type A { y: Tag x: [Tag] }',
        'no type found for given name. Field: x, Kind: Tag\nno type found for given name. Field: y, Kind: Tag; types that refer to each other',
      ],
      ['type A { x: Int! }', 'NonNull fields are not currently supported: every field can be null, so write "Int"'],
      ['type A { x: [A!] }', 'NonNull variants for type are not supported. Type: A; write "[A]"'],
      ['type A { x: [DateTime] }', 'a list of DateTime is not supported'],
      ['type A { x: [[Int]] }', 'a list of lists is not supported'],
      ['type A { x: Missing }', 'types that refer to each other stand in one schema text'],
      ['type A { x: }', 'field type not specified. Object: A, Field: x'],
      ['type A { x Int }', 'the schema is not valid SDL: Syntax Error: Expected ":", found Name "Int".'],
      ['type A { x: String @crdt(type: pcounter) }', "CRDT type pcounter can't be assigned to field kind String"],
      [
        'type A { x: Int @crdt(type: counter) }',
        '"type" of "@crdt" is one of lww, pncounter, pcounter (did you mean "pcounter" or "pncounter"?)',
      ],
      ['type A { x: Int @crtd(type: lww) }', 'unknown directive "@crtd"; a field can have @crdt, @primary'],
      ['type A { x: Int @crd(type: lww) }', 'unknown directive "@crd" (did you mean "crdt"?)'],
      ['type A @primary { x: Int }', '"@primary" stands on a field, not on a type'],
      ['type A { x: Int @crdt }', '"@crdt" needs the argument "type"'],
      ['type A { x: Int @crdt(typ: lww) }', '"@crdt" has no argument "typ" (did you mean "type"?)'],
      ['type A { x: Int @crdt(type: lww) @crdt(type: lww) }', '"@crdt" stands here twice'],
      ['type A { x: A @relation(name: 3) }', '"name" of "@relation" must be a text in quotes'],
      ['type A { x: Int x: Int }', 'duplicate field. Name: x'],
      ['type A { _docID: ID }', '"_docID" is a reserved name'],
      ['type A { true: Boolean }', '"true" is a reserved name'],
      ['type Commit { x: Int }', '"Commit" cannot be the name of a type: it is a name of the database itself'],
      ['type A__B { x: Int }', 'has two underscores in a row'],
      ['type User { x: Int } type UserFilterArg { x: Int }', 'collides with a type that is generated for "User"'],
      ['type UserField { x: Int } type User { x: Int }', 'collides with a type that is generated for "UserField"'],
      ['enum Color { RED }', 'a schema holds "type" and "interface" definitions; this is a enum type definition'],
      ['query { x }', 'this is a operation definition'],
      ['interface I { x: Int } type A implements I { x: Int }', '"A" cannot implement another type'],
      ['type A { x(y: Int): Int }', 'the field "x" of "A" cannot have arguments'],
      ['type A { x: Int @constraints(size: 2) }', '"@constraints(size:)" stands on a list of values'],
      ['type A { x: [Int] @default(int: 1) }', 'default value is not allowed for this field type. Name: x, Type: List'],
      ['type A { x: A @default(string: "a") }', 'default value is not allowed for this field type. Name: x, Type: A'],
      ['type A { x: Int @default(string: "a") }', '"@default(string:)" does not fit a field of kind Int; write "@default(int: …)"'],
      ['type A { x: Int @default(int: 1.5) }', 'the default 1.5 is no Int'],
      ['type A { x: Int @default(int: 9223372036854775808) }', 'the default "9223372036854775808" is no Int'],
      ['type A { x: DateTime @default(dateTime: "now") }', 'the default "now" is no DateTime'],
      ['type A { x: Int @default }', '"@default" takes one argument; for a field of kind Int it is "int"'],
      ['type A { x: [String!] @embedding }', 'invalid type for vector embedding'],
      ['type A { x: [Float32!] @embedding(fields: ["y"]) }', 'the given field does not exist. Embedding generation field: y'],
      ['type A { y: String x: [Float32!] @embedding(fields: ["y"], provider: "p") }', 'embedding Model cannot be empty'],
      [
        'type A { y: String x: [Float32!] @embedding(fields: ["y"], provider: "p", model: "m", template: "{{ .z }}") }',
        "the given field is not among the embedding's fields. Template field: z; it has y. Field: x",
      ],
      ['', 'the schema is not valid SDL: Syntax Error: Unexpected <EOF>.'],
    ])('%s', (sdl, message) => {
      const failure = failureOf(sdl)
      expect(failure.code).toBe('INVALID_SCHEMA')
      expect(failure.message).toMatch(message)
    })

    it('are told of a text that is nested too deeply to be read', () => {
      expect(failureOf(`type A { x: ${'['.repeat(50_000)}`).message).toBe('the schema is not valid SDL: it is nested too deeply')
    })

    it('are told for names that exist, in the database or in the text', () => {
      expect(failureOf('type A {}', 'type A { x: Int }')).toMatchObject({
        code: 'ALREADY_EXISTS',
        details: { what: 'collection', id: 'A' },
      })
      expect(failureOf('type A {} type A {}').message).toMatch('collection already exists. Name: A; the text declares it more than once')
      expect(failureOf('type A {} type A {} type A {}').message).toMatch('Name: A\ncollection already exists. Name: A; ')
    })

    it('refuse a policy rather than leave documents open that look protected', () => {
      expect(failureOf('type A @policy(id: "x", resource: "y") { x: Int }').code).toBe('UNSUPPORTED')
    })

    it('never are more than a DatabaseError, whatever the text', () => {
      for (const sdl of [
        '}',
        '{{{',
        'type',
        'type A { x: Int @default(json: {}) }',
        '"""',
        'type A { x: [ }',
        '\u0000',
        'type A'.repeat(1000),
        '{'.repeat(5000),
      ]) {
        expect(() => failureOf(sdl)).not.toThrow()
      }
    })
  })
})
