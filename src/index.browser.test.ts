import { afterEach, describe, expect, it } from 'vitest'

import { openDatabase, type Database, type OpenOptions } from './index.browser.ts'

const NOTES = 'type Note { title: String stars: Int }'
const opened: Database[] = []

afterEach(async () => {
  for (const db of opened.splice(0)) await db.close()
})

/** A name that no other test and no earlier run has used. */
function aName(): string {
  return `test-${crypto.randomUUID()}`
}

async function open(options: OpenOptions): Promise<Database> {
  const db = await openDatabase({ p2p: false, schema: NOTES, ...options })
  opened.push(db)
  return db
}

describe('a database in a tab', () => {
  it('keeps its documents in IndexedDB', async () => {
    const name = aName()
    const first = await open({ name })
    const docID = await first.collection('Note').create({ title: 'kept', stars: 9 })
    await first.close()
    const second = await open({ name })
    expect(await second.execute('{ Note { _docID title stars } }')).toEqual({
      data: { Note: [{ _docID: docID, title: 'kept', stars: 9 }] },
    })
    expect((await second.status()).storage).toMatchObject({ kind: 'indexeddb' })
  })

  it('keeps its peer ID', async () => {
    const name = aName()
    const first = await open({ name, p2p: {} })
    const { id } = await first.p2p.info()
    await first.close()
    const second = await open({ name, p2p: {} })
    expect((await second.p2p.info()).id).toBe(id)
  })

  it('has one owner, and tells the second what to do', async () => {
    const name = aName()
    await open({ name })
    await expect(open({ name })).rejects.toMatchObject({ code: 'IN_USE', details: { name }, message: expect.stringContaining('separate') })
  })

  it('is one of several slots when tabs are separate', async () => {
    const name = aName()
    const [first, second] = [await open({ name, tabs: 'separate' }), await open({ name, tabs: 'separate' })]
    expect(first.name).not.toBe(second.name)
    await first.collection('Note').create({ title: 'only here' })
    expect(await second.execute('{ Note { title } }')).toEqual({ data: { Note: [] } })
  })

  it('says what an address should look like before it opens anything', async () => {
    const name = aName()
    await expect(open({ name, p2p: { relays: ['ws://localhost:9190'] } })).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
    await expect(open({ name })).resolves.toBeDefined()
  })

  it('speaks another dialect the next time, over the same documents', async () => {
    const name = aName()
    const first = await open({ name, dialect: '1.0' })
    expect(await first.execute('mutation { add_Note(input: {title: "a"}) { title } }')).toEqual({ data: { add_Note: [{ title: 'a' }] } })
    await first.close()
    const second = await open({ name })
    expect(await second.execute('{ _count(Note: {}) }')).toEqual({ data: { _count: 1 } })
  })

  it('works in memory where nothing is to be kept', async () => {
    const name = aName()
    const first = await open({ name, storage: 'memory' })
    await first.collection('Note').create({ title: 'gone soon' })
    await first.close()
    const second = await open({ name, storage: 'memory' })
    expect(await Array.fromAsync(second.collection('Note').docIDs())).toEqual([])
  })
})
