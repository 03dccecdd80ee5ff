import { expect, it } from 'vitest'

import { rawCid } from '../block/cid.ts'
import { keys } from '../document/keys.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { compareBytes, decodeText, encodeText } from '../util/bytes.ts'
import { openTestNode, watchedStore } from './database.testkit.ts'

const SCHEMA = 'type Note @branchable { title: String @index(unique: true) tags: [String!] }'

it('a dump has everything that is stored, in order, each under the name of what it is', async () => {
  const { db, store, replica } = await openTestNode(SCHEMA)
  await db.collection<object>('Note').create(Array.from({ length: 300 }, (_, index) => ({ title: `note ${index}` })))
  await replica.fingerprints(replica.collectionIds()[0] ?? '')
  await replica.setSetting('peer-key', encodeText('secret'))
  const dumped = await Array.fromAsync(db.dump())
  const stored = await store.scan({})
  expect(dumped.map(({ key }) => key)).toEqual(stored.map(({ key }) => key))
  expect(dumped.map(({ key }) => key)).toEqual(dumped.map(({ key }) => key).toSorted(compareBytes))
  const counts = Object.fromEntries(Object.entries(Object.groupBy(dumped, ({ kind }) => kind)).map(([kind, some]) => [kind, some?.length]))
  expect(counts).toMatchObject({
    document: 300,
    commit: 300,
    setting: 1,
    'collection block': 300,
    'collection version': 1,
    'index claim': 300,
  })
  expect(counts).not.toHaveProperty('unknown')
  const values = new Map(stored.map(({ key, value }) => [String(key), value]))
  for (const { kind, key, value } of dumped) if (kind !== 'setting') expect(value).toEqual(values.get(String(key)))
})

it('no secret is in a dump: neither keys of the node nor keys of documents', async () => {
  const { db, store, replica } = await openTestNode(SCHEMA)
  const secret = encodeText('a secret of 32 bytes, or so it is')
  await replica.setSetting('peer-key', secret)
  await replica.setSetting('webrtc-certificate', secret)
  await store.apply([{ key: keys.encryptionKey(rawCid(secret)), value: secret }])
  const dumped = await Array.fromAsync(db.dump())
  expect(dumped.filter(({ kind }) => kind === 'setting' || kind === 'encryption key').map(({ value }) => value.length)).toEqual([0, 0, 0])
  expect(dumped.some(({ value }) => decodeText(value).includes('a secret'))).toBe(false)
})

it('writers go on while a dump is read, and it reads a page at a time', async () => {
  const store = watchedStore(await openMemoryStore())
  const { db } = await openTestNode(SCHEMA, { store })
  await db.collection<object>('Note').create(Array.from({ length: 1000 }, (_, index) => ({ title: `note ${index}` })))
  const [scans, reads] = [store.scans, store.reads]
  const dump = db.dump()[Symbol.asyncIterator]()
  expect((await dump.next()).done).toBe(false)
  expect(store.scans).toBe(scans + 1)
  await db.collection('Note').create({ title: 'meanwhile' })
  expect(store.reads).toBeGreaterThan(reads)
  let rest = 0
  for (let next = await dump.next(); next.done !== true; next = await dump.next()) rest += 1
  expect(rest).toBeGreaterThan(3000)
})

it('what a dump gives is its own', async () => {
  const { db } = await openTestNode(SCHEMA)
  await db.collection('Note').create({ title: 'a' })
  for await (const { key, value } of db.dump()) {
    key.fill(0xff)
    value.fill(0xff)
  }
  expect(await db.execute('{ Note { title } }')).toEqual({ data: { Note: [{ title: 'a' }] } })
})

it('what nothing here has written is of a kind that is unknown', async () => {
  const { db, store } = await openTestNode(SCHEMA)
  await store.apply([{ key: Uint8Array.of(0xee, 1), value: Uint8Array.of(2) }])
  expect((await Array.fromAsync(db.dump())).at(-1)).toEqual({ kind: 'unknown', key: Uint8Array.of(0xee, 1), value: Uint8Array.of(2) })
})

it('a dump ends with its signal and with its database', async () => {
  const { db } = await openTestNode(SCHEMA)
  await db.collection<object>('Note').create(Array.from({ length: 200 }, (_, index) => ({ title: `note ${index}` })))
  const controller = new AbortController()
  const read = async (): Promise<void> => {
    for await (const _ of db.dump({ signal: controller.signal })) controller.abort()
  }
  await expect(read()).rejects.toMatchObject({ code: 'ABORTED' })
  const begun = db.dump()[Symbol.asyncIterator]()
  await begun.next()
  await db.close()
  const rest = async (): Promise<void> => {
    while ((await begun.next()).done !== true);
  }
  await expect(rest()).rejects.toMatchObject({ code: 'CLOSED' })
  expect(() => db.dump()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
})
