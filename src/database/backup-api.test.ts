import { describe, expect, it } from 'vitest'

import { isFailure, messageOf } from '../errors.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { countedPacing } from '../util/pacer.testkit.ts'
import { bytesOf, documentsOf, exported, exportedObject } from './backup/backup.testkit.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { openTestNode, watchedStore, type TestNode } from './database.testkit.ts'
import type { Database, Progress } from './database.ts'

const NOTES = 'type Note { title: String n: Int }'

const KINDS = `type Thing {
  big: Int
  flag: Boolean
  half: Float32
  real: Float64
  text: String
  at: DateTime
  bytes: Blob
  tree: JSON
  ints: [Int!]
  maybes: [String]
  halves: [Float32!]
  count: Int @crdt(type: pcounter)
  size: Int @default(int: 7)
}`

const ALL_KINDS = {
  big: 9007199254740993n,
  flag: false,
  half: Math.fround(0.1),
  real: 1.5e-9,
  text: 'Grüße <b>👋</b>\n"',
  at: '2026-11-22T10:30:00.123456789+01:00',
  bytes: '00ff',
  tree: { b: [1, null, { c: 'x' }], a: true },
  ints: [-9223372036854775808n, 0],
  maybes: ['a', null],
  halves: [Math.fround(16.3)],
  count: 3,
  size: null,
}

async function aDatabase(schema: string = NOTES): Promise<Database> {
  return (await openTestNode(schema)).db
}

/** A database over a store that tells how often it was written to. */
async function aWatched(schema: string = NOTES): Promise<TestNode & { readonly store: ReturnType<typeof watchedStore> }> {
  const store = watchedStore(await openMemoryStore())
  return { ...(await openTestNode(schema, { store })), store }
}

async function refusal(run: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await run
  } catch (error) {
    return { code: isFailure(error) ? error.code : 'none', message: messageOf(error) }
  }
  return { code: 'none', message: 'accepted' }
}

describe('an export', () => {
  it('has the documents in the order of their IDs, members in the order of their names', async () => {
    const db = await aDatabase()
    const ids = await db.collection('Note').create([{ title: 'a', n: 1 }, { title: 'b' }, { n: null }])
    const text = (id: string, rest: string): string => `{"_docID":"${id}","_docIDNew":"${id}",${rest}}`
    const expected = [text(ids[0] ?? '', '"n":1,"title":"a"'), text(ids[1] ?? '', '"title":"b"'), text(ids[2] ?? '', '"n":null')].toSorted()
    expect(await exported(db)).toBe(`{"Note":[${expected.join(',')}]}`)
  })

  it('is laid out over lines when it is to be pretty', async () => {
    const db = await aDatabase(`${NOTES} type Tag { name: String }`)
    const id = await db.collection('Note').create({ title: 'a' })
    expect(await exported(db, { collections: ['Note', 'Tag'], pretty: true })).toBe(
      `{\n  "Note": [\n    {\n      "_docID": "${id}",\n      "_docIDNew": "${id}",\n      "title": "a"\n    }\n  ],\n  "Tag": [\n\n  ]\n}`,
    )
  })

  it('has the named collections, each once', async () => {
    const db = await aDatabase(`${NOTES} type Tag { name: String }`)
    await db.collection('Note').create({ title: 'a' })
    expect(await exported(db, { collections: ['Tag', 'Tag'] })).toBe('{"Tag":[]}')
    expect(await refusal(exported(db, { collections: ['Tag', 'Not'] }))).toEqual({
      code: 'NOT_FOUND',
      message: expect.stringContaining('failed to get collection: key not found. Name: Not; no collection "Not" (did you mean "Note"?)'),
    })
  })

  it('leaves deleted documents out', async () => {
    const db = await aDatabase()
    const notes = db.collection('Note')
    await notes.delete((await notes.create([{ title: 'gone' }, { title: 'here' }]))[0] ?? '')
    expect((await exportedObject(db))['Note']).toEqual([expect.objectContaining({ title: 'here' })])
  })

  it('is of the state in which it began', async () => {
    const db = await aDatabase()
    const notes = db.collection('Note')
    await notes.create(Array.from({ length: 2_000 }, (_, n) => ({ n, title: 'x'.repeat(100) })))
    const before = await exported(db)
    let text = ''
    for await (const piece of db.backup.export()) {
      if (text === '') await notes.updateMany({}, { title: 'later' })
      text += piece
    }
    expect(text).toBe(before)
  })

  it('comes in pieces, and tells how far it is', async () => {
    const db = await aDatabase()
    await db.collection('Note').create(Array.from({ length: 3_000 }, (_, n) => ({ n })))
    const progress: Progress[] = []
    const pieces = await Array.fromAsync(db.backup.export({ onProgress: (now) => progress.push(now) }))
    expect(pieces.length).toBeGreaterThan(3)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(70_000)
    expect(progress.map(({ done }) => done)).toEqual(progress.map(({ done }) => done).toSorted((a, b) => a - b))
    expect(progress.at(-1)).toEqual({ done: 3_000, total: 3_000 })
  })

  it('lets others run, and ends when its signal fires', async () => {
    const controller = new AbortController()
    let stopAt = Number.POSITIVE_INFINITY
    const pacing = countedPacing((rests) => {
      if (rests === stopAt) controller.abort()
    })
    const { db } = await openTestNode(NOTES, { pacing })
    await db.collection('Note').create(Array.from({ length: 400 }, (_, n) => ({ n })))
    pacing.mark()
    await exported(db)
    expect(pacing.sinceMark).toBeGreaterThanOrEqual(90)
    stopAt = pacing.rests + 20
    expect((await refusal(exported(db, { signal: controller.signal }))).code).toBe('ABORTED')
    expect(pacing.rests).toBe(stopAt)
  })

  it('is refused by a closed database', async () => {
    const db = await aDatabase()
    await db.close()
    expect(() => db.backup.export()).toThrow('closed')
    expect((await refusal(db.backup.import('{}'))).code).toBe('CLOSED')
  })
})

describe('an import', () => {
  it('brings back what an export had, of every kind', async () => {
    const [from, to] = [await openTestNode(KINDS), await openTestNode(KINDS)]
    const id = await from.db.collection<object>('Thing').create(ALL_KINDS)
    await from.db.collection('Thing').create({ text: 'no other field' })
    for (const pretty of [false, true]) {
      const text = await exported(from.db, { pretty })
      expect(text).toMatch(/"big": ?9007199254740993,/)
      expect(text).toMatch(/"half": ?0\.1,/)
    }
    expect(await to.db.backup.import(await exported(from.db, { pretty: true }))).toEqual({ documents: 2 })
    expect(await documentsOf(to.db, 'Thing')).toEqual(await documentsOf(from.db, 'Thing'))
    expect(await to.db.collection('Thing').get(id)).toEqual({ _docID: id, ...ALL_KINDS })
    expect(await exported(to.db)).toBe(await exported(from.db))
    await expectConsistent(to.store)
  })

  it('gives changed documents the ID that was foretold', async () => {
    const [from, to] = [await aDatabase(KINDS), await aDatabase(KINDS)]
    const things = from.collection<object>('Thing')
    const id = await things.create(ALL_KINDS)
    await things.update(id, { count: 4, text: null, tree: [] })
    const [thing] = (await exportedObject(from))['Thing'] ?? []
    expect(thing).toMatchObject({ _docID: id, count: 7, text: null })
    expect(thing?.['_docIDNew']).not.toBe(id)
    await to.backup.import(await exported(from))
    expect(await documentsOf(to, 'Thing')).toEqual([{ ...(await things.get(id)), _docID: thing?.['_docIDNew'] }])
  })

  it('reads bytes that are cut in the middle of a character, with a byte order mark', async () => {
    const from = await aDatabase()
    await from.collection('Note').create([{ title: 'Grüße 👋' }, { title: '日本' }])
    const text = `\uFEFF${await exported(from)}`
    for (const length of [1, 2, 3, 7, 1_000]) {
      const to = await aDatabase()
      await to.backup.import(bytesOf(text, length))
      expect(await documentsOf(to, 'Note')).toEqual(await documentsOf(from, 'Note'))
    }
  })

  it('takes documents that were written by hand', async () => {
    const db = await aDatabase(`${NOTES} type Tag { name: String }`)
    expect(await db.backup.import(' { "Note": [ {"title": "a"} , {} ], "Tag" : [ ] } ')).toEqual({ documents: 2 })
    expect(await db.backup.import('{}')).toEqual({ documents: 0 })
    expect((await documentsOf(db, 'Note')).length).toBe(2)
  })

  it('is one write, whatever its size, rests in it and tells how far it is', async () => {
    const { db, store } = await aWatched()
    const text = JSON.stringify({ Note: Array.from({ length: 3_000 }, (_, n) => ({ n })) })
    const [progress, order]: [Progress[], string[]] = [[], []]
    const applies = store.applies
    const done = db.backup.import(text, { onProgress: (now) => progress.push(now) }).then(() => order.push('imported'))
    await new Promise((resolve) => setTimeout(resolve))
    order.push('others')
    await done
    expect(order).toEqual(['others', 'imported'])
    expect(store.applies - applies).toBe(1)
    expect(progress.length).toBeGreaterThan(3)
    expect(progress.at(-1)).toEqual({ done: 3_000, total: 3_000 })
  })

  it('ends when its signal fires, while it writes or waits for a source that stands still', async () => {
    const controller = new AbortController()
    const pacing = countedPacing((rests) => {
      if (rests === stopAt) controller.abort()
    })
    let stopAt = Number.POSITIVE_INFINITY
    const { db } = await openTestNode(NOTES, { pacing })
    stopAt = pacing.rests + 200
    const text = JSON.stringify({ Note: Array.from({ length: 400 }, (_, n) => ({ n })) })
    expect((await refusal(db.backup.import(text, { signal: controller.signal }))).code).toBe('ABORTED')
    const still: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }
    expect((await refusal(db.backup.import(still, { signal: AbortSignal.timeout(1) }))).code).toBe('ABORTED')
    expect(await documentsOf(db, 'Note')).toEqual([])
  })
})

describe('what cannot be imported', () => {
  const ONE = '{"title": "one"}'

  it.each([
    [
      '{"Note": [{"title": "a"},\n  {"title": b}]}',
      'INVALID_DOCUMENT',
      'the backup is no JSON: expected a value at line 2, column 13, but found "b}"',
    ],
    ['{"Note": [{"title": "a"}', 'INVALID_DOCUMENT', 'expected "," or "]" at line 1, column 25, but the text ends'],
    [
      '[]',
      'INVALID_DOCUMENT',
      'expected "{" before lists of documents by the name of their collection at line 1, column 1, but found "[]"',
    ],
    ['{"Note": {}}', 'INVALID_DOCUMENT', 'expected "[" before the documents of "Note" at line 1, column 10'],
    ['{"Note": []} x', 'INVALID_DOCUMENT', 'expected the end at line 1, column 14, but found "x"'],
    [
      `{"Note": [${ONE}, 3]}`,
      'INVALID_DOCUMENT',
      'document 2 of "Note" (line 1, column 29): a document of "Note" is an object of values by field name, not 3',
    ],
    [
      `{"Note": [${ONE}, {"tile": "a"}]}`,
      'INVALID_DOCUMENT',
      'document 2 of "Note" (line 1, column 29): the given field does not exist. Name: tile, Collection: Note (did you mean "title"?)',
    ],
    [`{"Note": [${ONE}, {"n": "a"}]}`, 'INVALID_DOCUMENT', 'field "n" of collection "Note" (Int) takes a whole number'],
    [
      `{"Note": [${ONE}, {"_docIDNew": 4}]}`,
      'INVALID_DOCUMENT',
      'document 2 of "Note" (line 1, column 29): "_docIDNew" takes the ID of a document, not 4',
    ],
    [
      `{"Note": [${ONE}], "Not": []}`,
      'NOT_FOUND',
      'failed to get collection: key not found. Name: Not; no collection "Not" (did you mean "Note"?)',
    ],
    [
      `{"Note": [${ONE}, {}, ${ONE}]}`,
      'ALREADY_EXISTS',
      'document 3 of "Note" (line 1, column 33) has the content of document 1 of "Note" (line 1, column 11)',
    ],
    [`{"Note": [${ONE}, {"title": "here"}]}`, 'ALREADY_EXISTS', 'a document with the given ID already exists: Note "bae-'],
    [`{"Note": [${ONE}, {"title": "gone"}]}`, 'ALREADY_EXISTS', 'a deleted document does not come back'],
  ])('leaves nothing: %s', async (text, code, message) => {
    const { db, store } = await aWatched()
    const notes = db.collection('Note')
    await notes.delete((await notes.create([{ title: 'gone' }, { title: 'here' }]))[0] ?? '')
    const applies = store.applies
    expect(await refusal(db.backup.import(text))).toEqual({ code, message: expect.stringContaining(message) })
    expect(await documentsOf(db, 'Note')).toEqual([expect.objectContaining({ title: 'here' })])
    expect(store.applies).toBe(applies)
    await expectConsistent(store)
  })

  it('leaves nothing when the source or the storage fails, and the source is ended', async () => {
    const { db, store } = await aWatched()
    let isEnded = false
    async function* broken(end: string): AsyncGenerator<string | Uint8Array> {
      try {
        yield `{"Note": [${ONE}`
        if (end === 'fails') throw new Error('the disk is gone')
        yield Uint8Array.of(0xc3)
        yield end
      } finally {
        isEnded = true
      }
    }
    expect((await refusal(db.backup.import(broken('fails')))).message).toBe('the disk is gone')
    expect((await refusal(db.backup.import(broken(']}')))).message).toBe('the backup is no text in UTF-8')
    expect(isEnded).toBe(true)
    store.failWith = new Error('no room')
    expect((await refusal(db.backup.import(`{"Note": [${ONE}]}`))).message).toBe('no room')
    expect(await documentsOf(db, 'Note')).toEqual([])
  })

  it('is refused where a unique index says so', async () => {
    const db = await aDatabase('type Note { title: String @index(unique: true) n: Int }')
    await db.collection('Note').create({ title: 'one' })
    expect((await refusal(db.backup.import('{"Note": [{"title": "two"}, {"title": "one", "n": 2}]}'))).code).toBe('NOT_UNIQUE')
    expect((await documentsOf(db, 'Note')).length).toBe(1)
  })
})
