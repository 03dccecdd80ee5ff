import { expect, onTestFinished, test } from 'vitest'

import { openDatabase, type CollectionVersion, type Database, type DatabaseEvents, type Document } from '../../index.browser.ts'
import { createEmitter, type Emitter } from '../../util/typed-event-target.ts'
import { openRows, PAGE_SIZE, type Row, type Rows } from './rows.ts'

const SCHEMA = 'type Note { title: String votes: Int } type Dated { title: String at: DateTime }'

/** A database in memory whose events the test sends itself, so that it can tell of changes as if another node had made them. */
interface Stage {
  readonly db: Database
  readonly events: Emitter<DatabaseEvents>
  readonly collection: CollectionVersion
  /** Opens the rows and waits until they are read. */
  open(): Promise<Rows>
  tell(event: 'update' | 'merge', docID: string, peer?: string): void
}

async function aStage(name: 'Note' | 'Dated' = 'Note'): Promise<Stage> {
  const db = await openDatabase({ name: crypto.randomUUID(), storage: 'memory', p2p: false, schema: SCHEMA })
  const [collection] = await db.collections.describe({ name })
  if (collection === undefined) throw new RangeError(`no ${name}`)
  const events = createEmitter<DatabaseEvents>()
  const closing: (() => void)[] = []
  onTestFinished(async () => {
    for (const close of closing) close()
    await db.close()
  })
  return {
    db,
    events,
    collection,
    open: async () => {
      const rows = openRows({ ...db, events: events.target }, collection)
      closing.push(rows.close)
      await until(rows, () => true)
      return rows
    },
    tell: (event, docID, peer) => {
      const change = { collection: name, collectionID: collection.collectionId, docID, cid: 'bafy' }
      events.emit(event, { ...change, ...(peer === undefined ? {} : { peer }) })
    },
  }
}

/** Waits until the shown rows are as wanted, and gives them. */
function until(rows: Rows, isWanted: (shown: readonly Row[]) => boolean): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const view = rows.view.peek()
      if (view.kind === 'failed') reject(new Error(view.message))
      if (view.kind !== 'ready' || !isWanted(view.rows)) return
      end()
      resolve(view.rows)
    }
    const end = rows.view.subscribe(look)
    look()
  })
}

function titles(shown: readonly Row[]): readonly unknown[] {
  return shown.map(({ document }) => document['title'])
}

function many(count: number): readonly Document[] {
  return Array.from({ length: count }, (_, index) => ({ title: `note ${String(index).padStart(4, '0')}` }))
}

test('what was there is shown, and what is added comes first', async () => {
  const { db, open } = await aStage()
  await db.collection('Note').create({ title: 'old' })
  const rows = await open()
  await rows.add({ title: 'new' })
  expect(titles(await until(rows, (shown) => shown.length === 2))).toEqual(['new', 'old'])
})

test('where documents carry a time, the newest comes first', async () => {
  const { db, open } = await aStage('Dated')
  const at = (day: number): string => `2026-11-0${day}T00:00:00Z`
  await db.collection('Dated').create([2, 3, 1].map((day) => ({ title: `day ${day}`, at: at(day) })))
  expect(titles(await until(await open(), (shown) => shown.length === 3))).toEqual(['day 3', 'day 2', 'day 1'])
})

test('a saved change is shown when the promise resolves', async () => {
  const { db, open } = await aStage()
  const docID = await db.collection('Note').create({ title: 'before' })
  const rows = await open()
  await rows.save(docID, { title: 'after' })
  expect(titles(await until(rows, () => true))).toEqual(['after'])
})

test('a change of another node names the peer and the fields that differ', async () => {
  const { db, open, tell } = await aStage()
  const docID = await db.collection('Note').create({ title: 'same', votes: 1 })
  const rows = await open()
  await db.collection('Note').update(docID, { title: 'same', votes: 2 })
  tell('merge', docID, 'peer A')
  const [row] = await until(rows, ([first]) => first?.document['votes'] === 2)
  expect(row?.arrival).toEqual({ serial: expect.any(Number), peer: 'peer A', fields: new Set(['votes']) })
})

test('a document of another node arrives as a whole, a local one does not arrive', async () => {
  const { db, open, tell } = await aStage()
  const rows = await open()
  const [here, elsewhere] = await db.collection('Note').create([{ title: 'here' }, { title: 'elsewhere' }])
  tell('update', here ?? '')
  tell('merge', elsewhere ?? '', 'peer A')
  const shown = await until(rows, ({ length }) => length === 2)
  const arrivals = new Map(shown.map(({ document, arrival }) => [document['title'], arrival?.fields]))
  expect(arrivals).toEqual(
    new Map([
      ['here', undefined],
      ['elsewhere', 'all'],
    ]),
  )
})

test('a page is as long as it may be, and a deleted row makes room for the next', async () => {
  const { db, open } = await aStage()
  await db.collection('Note').create(many(PAGE_SIZE + 1))
  const rows = await open()
  const [first] = await until(rows, ({ length }) => length === PAGE_SIZE)
  expect(rows.view.peek()).toMatchObject({ page: 0, pages: 2, total: PAGE_SIZE + 1 })
  await rows.remove(first?.docID ?? '')
  await until(rows, (shown) => shown.length === PAGE_SIZE && shown[0]?.docID !== first?.docID)
  expect(rows.view.peek()).toMatchObject({ page: 0, pages: 1, total: PAGE_SIZE })
})

test('adding turns to the page of the new document', async () => {
  const { db, open } = await aStage('Dated')
  const at = '2026-11-22T00:00:00Z'
  await db.collection('Dated').create(many(PAGE_SIZE).map((document) => ({ ...document, at })))
  const rows = await open()
  await rows.add({ title: 'long ago', at: '1999-01-01T00:00:00Z' })
  expect(titles(await until(rows, ({ length }) => length === 1))).toEqual(['long ago'])
})

test('sorted by a column, rows stay where they are while they are edited', async () => {
  const { db, collection, open } = await aStage()
  const docIDs = await db.collection('Note').create([{ title: 'a' }, { title: 'b' }, { title: 'c' }])
  const rows = await open()
  const field = collection.fields.find(({ name }) => name === 'title')
  if (field === undefined || field.kind.type !== 'value') throw new RangeError('no title')
  rows.sort({ field: { ...field, kind: field.kind }, direction: 'descending' })
  await until(rows, (shown) => titles(shown).join('') === 'cba')
  await rows.save(docIDs[0] ?? '', { title: 'z' })
  expect(titles(await until(rows, () => true))).toEqual(['c', 'b', 'z'])
})

test('a burst of thousands is shown in the end', async () => {
  const { db, open, tell } = await aStage()
  const rows = await open()
  for (const docID of await db.collection('Note').create(many(2000))) tell('merge', docID)
  await until(rows, () => {
    const view = rows.view.peek()
    return view.kind === 'ready' && view.total === 2000
  })
  expect(rows.view.peek()).toMatchObject({ pages: 2000 / PAGE_SIZE })
})
