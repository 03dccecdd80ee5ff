import { describe, expect, it } from 'vitest'

import type { Database } from '../database.ts'
import { openTestNode } from '../database.testkit.ts'
import type { EmbedderOptions } from './embedder.ts'
import type { EmbedRequest } from './embed.ts'

const EMBEDDING = '@embedding(fields: ["name", "about"], provider: "test", model: "m", url: "http://there")'
const SCHEMA = `type User { name: String about: String age: Int vector: [Float64!] ${EMBEDDING} } type Other { a: Int }`

/** Two numbers that tell texts apart. */
const vectorOf = (text: string): readonly number[] => [
  text.length,
  Array.from(text).reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0),
]

/** A database whose vectors are made by `vectorOf`, after `before` has had its way; what was asked for is noted. */
async function embedding(
  options: EmbedderOptions & { readonly schema?: string; before?(request: EmbedRequest, db: Database): Promise<unknown> } = {},
): Promise<{ readonly db: Database; readonly texts: string[]; readonly requests: EmbedRequest[] }> {
  const texts: string[] = []
  const requests: EmbedRequest[] = []
  const { db } = await openTestNode(options.schema ?? SCHEMA, {
    embedding: {
      embed: async (request) => {
        requests.push(request)
        texts.push(request.text)
        await options.before?.(request, db)
        return vectorOf(request.text)
      },
      ...options,
    },
  })
  return { db, texts, requests }
}

describe('a vector', () => {
  it('is made when a document is created without it', async () => {
    const { db, requests } = await embedding()
    const id = await db.collection('User').create({ name: 'John', about: 'loves tacos' })
    expect(await db.collection('User').get(id)).toMatchObject({ vector: vectorOf('John\nloves tacos') })
    const { signal, ...request } = requests[0] ?? { signal: undefined }
    expect(request).toEqual({
      provider: 'test',
      model: 'm',
      url: 'http://there',
      text: 'John\nloves tacos',
      collection: 'User',
      field: 'vector',
    })
    expect(signal).toBeInstanceOf(AbortSignal)
  })

  it('is part of the content that the document ID follows from', async () => {
    const { db } = await embedding()
    const document = { name: 'John', about: 'x' }
    const id = await db.collection('User').create(document)
    const { db: other, texts } = await embedding()
    expect(await other.collection('User').create({ ...document, vector: vectorOf('John\nx') })).toBe(id)
    expect(texts).toEqual([])
    await expect(db.collection('User').create(document)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  })

  it('is not made where it was given, also as null, or where there is nothing to embed', async () => {
    const { db, texts } = await embedding()
    await db.collection('User').create([{ name: 'a', vector: [1, 2] }, { name: 'b', vector: null }, { age: 1, name: null }, { about: '' }])
    expect(texts).toEqual([])
  })

  it('is made of the fields that have a value', async () => {
    const { db, texts } = await embedding()
    await db.collection('User').create([{ name: 'only' }, { about: 'this' }])
    expect(texts).toEqual(['only', 'this'])
  })

  it('is made of defaults as of what was given', async () => {
    const schema = `type User { name: String @default(string: "nobody") about: String vector: [Float64!] ${EMBEDDING} }`
    const { db, texts } = await embedding({ schema })
    await db.collection('User').create({ about: 'x' })
    expect(texts).toEqual(['nobody\nx'])
  })

  it('is made of what the template says', async () => {
    const embed = '@embedding(fields: ["name", "age"], provider: "test", model: "m", template: "{{ .name }} is {{.age}}, {{ .name }}!")'
    const { db, texts } = await embedding({ schema: `type User { name: String age: Int vector: [Float32!] ${embed} }` })
    await db.collection('User').create([{ name: 'Ada', age: 36 }, { name: 'Bob' }])
    expect(texts).toEqual(['Ada is 36, Ada!', 'Bob is , Bob!'])
  })

  it('is made once for documents with the same text', async () => {
    const { db, texts } = await embedding()
    await db.collection('User').create([1, 2, 3].map((age) => ({ name: 'same', age })))
    expect(texts).toEqual(['same'])
  })

  it('is made anew when one of its fields changes, of what the document then holds', async () => {
    const { db, texts } = await embedding()
    const users = db.collection('User')
    const id = await users.create({ name: 'John', about: 'old' })
    await users.update(id, { age: 3 })
    await users.update(id, { name: 'J', vector: [7] })
    expect(texts).toEqual(['John\nold'])
    await users.update(id, { about: 'new' })
    expect(texts).toEqual(['John\nold', 'J\nnew'])
    expect(await users.get(id)).toMatchObject({ vector: vectorOf('J\nnew') })
  })

  it('goes when nothing is left to embed', async () => {
    const { db, texts } = await embedding()
    const id = await db.collection('User').create({ name: 'John' })
    await db.collection('User').update(id, { name: null })
    expect(await db.collection('User').get(id)).toMatchObject({ vector: null })
    expect(texts).toEqual(['John'])
  })

  it('is made of the value that an increment leads to', async () => {
    const embed = '@embedding(fields: ["points"], provider: "test", model: "m")'
    const { db, texts } = await embedding({ schema: `type Game { points: Int @crdt(type: pncounter) vector: [Float64!] ${embed} }` })
    const id = await db.collection('Game').create({ points: 10 })
    await db.collection('Game').update(id, { points: 5 })
    expect(texts).toEqual(['10', '15'])
  })

  it('is made for every document that a filter finds', async () => {
    const { db, texts } = await embedding()
    await db.collection('User').create([{ name: 'a' }, { name: 'b' }, { name: 'c', vector: [1] }])
    texts.length = 0
    await db.collection('User').updateMany({ vector: { _any: { _gt: 1 } } }, { about: 'x' })
    expect(texts.toSorted()).toEqual(['a\nx', 'b\nx'])
  })
})

describe('vectors in requests and transactions', () => {
  it('are made for create, update and upsert, and can be queried', async () => {
    const { db, texts } = await embedding()
    const data = async (request: string): Promise<unknown> => (await db.execute(request)).data
    expect(await data('mutation { create_User(input: [{name: "a"}, {name: "b", vector: [1, 2]}]) { name vector } }')).toEqual({
      create_User: expect.arrayContaining([
        { name: 'a', vector: vectorOf('a') },
        { name: 'b', vector: [1, 2] },
      ]),
    })
    expect(await data('mutation { update_User(filter: {name: {_eq: "a"}}, input: {about: "x"}) { vector } }')).toEqual({
      update_User: [{ vector: vectorOf('a\nx') }],
    })
    const upsert = 'mutation { upsert_User(filter: {name: {_eq: "u"}}, create: {name: "u"}, update: {about: "y"}) { vector } }'
    expect(await data(upsert)).toEqual({ upsert_User: [{ vector: vectorOf('u') }] })
    expect(await data(upsert)).toEqual({ upsert_User: [{ vector: vectorOf('u\ny') }] })
    expect(texts).toEqual(['a', 'a\nx', 'u', 'u\ny'])
    const nearest = '{ User(order: {_alias: {near: DESC}}, limit: 1) { name near: _similarity(vector: {vector: [1, 0]}) } }'
    expect(await data(nearest)).toEqual({ User: [{ name: 'a', near: 3 }] })
  })

  it('of several fields of one mutation are made together', async () => {
    const { db, texts } = await embedding()
    const request = `mutation {
      a: create_User(input: {name: "a"}) { vector }
      b: create_User(input: {name: "b"}) { vector }
      c: update_User(filter: {name: {_eq: "a"}}, input: {about: "x"}) { vector }
    }`
    expect((await db.execute(request)).data).toEqual({
      a: [{ vector: vectorOf('a') }],
      b: [{ vector: vectorOf('b') }],
      c: [{ vector: vectorOf('a\nx') }],
    })
    expect(texts).toEqual(['a', 'b', 'a\nx'])
  })

  it('are made in a transaction, which sees its own writes', async () => {
    const { db, texts } = await embedding()
    const id = await db.transaction(async (transaction) => {
      const users = transaction.collection('User')
      const created = await users.create({ name: 'a' })
      await users.update(created, { about: 'x' })
      expect(await db.collection('User').get(created)).toBeUndefined()
      return created
    })
    expect(await db.collection('User').get(id)).toMatchObject({ vector: vectorOf('a\nx') })
    expect(texts).toEqual(['a', 'a\nx'])
  })
})

describe('while a vector is made', () => {
  it('other writes go on', async () => {
    const { db } = await embedding({ before: (_, own) => own.collection('Other').create({ a: 1 }) })
    const id = await db.collection('User').create({ name: 'John' })
    expect(await db.collection('User').get(id)).toMatchObject({ vector: vectorOf('John') })
    expect((await db.execute('{ Other { a } }')).data).toEqual({ Other: [{ a: 1 }] })
  })

  it('somebody may change the document: the vector is that of what is stored in the end', async () => {
    let changes = 0
    const { db, texts } = await embedding({
      before: async (_, own) => {
        if (texts.length !== 2 || changes++ > 0) return
        await own.execute('mutation { update_User(input: {name: "Jack", vector: [0]}) { name } }')
      },
    })
    const id = await db.collection('User').create({ name: 'John', about: 'x' })
    await db.collection('User').update(id, { about: 'y' })
    expect(texts).toEqual(['John\nx', 'John\ny', 'Jack\ny'])
    expect(await db.collection('User').get(id)).toMatchObject({ name: 'Jack', about: 'y', vector: vectorOf('Jack\ny') })
  })

  it('somebody may change it all the time: the write gives up and leaves nothing', async () => {
    let round = 0
    const { db } = await embedding({
      before: async (_, own) => {
        if (round++ === 0) return
        await own.execute(`mutation { update_User(input: {name: "n${round}", vector: [0]}) { name } }`)
      },
    })
    const id = await db.collection('User').create({ name: 'John', about: 'x' })
    await expect(db.collection('User').update(id, { about: 'y' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('"User.vector"'),
    })
    expect(round).toBe(6)
    expect(await db.collection('User').get(id)).toMatchObject({ about: 'x', vector: [0] })
  })
})
