import { expectSame, reload } from './support/tab.ts'
import { expect, test } from './support/stage.ts'

test('two tabs that know only the relay find each other and connect directly', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  const [idA, idB] = [await a.peerId(), await b.peerId()]
  expect(idA).not.toBe(idB)
  await a.expectPeers(idB)
  await b.expectPeers(idA)
  await expect(a.page.locator(`[data-testid="peers"] [data-peer="${idB}"]`)).toHaveAttribute('data-link', 'webrtc')
})

test('a write in one tab shows on the page of the other', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  await a.expectPeers(await b.peerId())
  const docID = await a.create({ title: 'from A', done: false })
  const row = b.page.locator(`[data-docid="${docID}"]`)
  await expect(row).toContainText('from A')
  await a.update(docID, { title: 'changed in A' })
  await expect(row).toContainText('changed in A')
  await b.remove(docID)
  await expect(a.page.locator(`[data-docid="${docID}"]`)).toHaveCount(0)
})

test('concurrent edits of one document end in the same state and heads', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  await a.expectPeers(await b.peerId())
  const docID = await a.create({ title: 'start', body: 'start' })
  await expectSame(a, b)
  await Promise.all([
    ...['one', 'two', 'three'].map((text) => a.update(docID, { title: `A ${text}` })),
    ...['one', 'two', 'three'].map((text) => b.update(docID, { title: `B ${text}`, body: 'from B' })),
  ])
  const documents = await expectSame(a, b)
  expect(documents[docID]).toMatchObject({ body: 'from B', title: expect.stringMatching(/^[AB] (one|two|three)$/) })
})

test('tabs that both worked offline converge when they are back', async ({ newTab, relay }) => {
  const [a, b] = [await newTab(), await newTab()]
  await a.expectPeers(await b.peerId())
  const docID = await a.create({ title: 'shared', body: 'shared' })
  await expectSame(a, b)

  // With the relay gone, a reload ends the connection and none can be made: both are on their own.
  await relay.kill()
  await Promise.all([reload(a), reload(b)])
  await a.expectPeers()
  await b.expectPeers()
  await a.update(docID, { title: 'A offline' })
  const onlyA = await a.create({ title: 'only A' })
  await b.update(docID, { body: 'B offline' })
  await b.update(docID, { body: 'B offline, again' })
  const onlyB = await b.create({ title: 'only B' })

  await relay.restart()
  await a.expectPeers(await b.peerId())
  const documents = await expectSame(a, b)
  expect(Object.keys(documents).toSorted()).toEqual([docID, onlyA, onlyB].toSorted())
  expect(documents[docID]).toMatchObject({ title: 'A offline', body: 'B offline, again' })
})

test('a reload keeps the documents and the peer ID', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  const [idA, idB] = [await a.peerId(), await b.peerId()]
  await a.expectPeers(idB)
  const docID = await a.create({ title: 'kept' })
  await expectSame(a, b)
  const before = await a.documents()
  await reload(a)
  expect(await a.peerId()).toBe(idA)
  expect(await a.documents()).toEqual(before)
  await b.expectPeers(idA)
  await a.expectPeers(idB)
  await b.update(docID, { title: 'after the reload' })
  await expect(a.page.locator(`[data-docid="${docID}"]`)).toContainText('after the reload')
})

test('a write that has just been acknowledged survives a reload', async ({ newTab }) => {
  const a = await newTab()
  const docIDs = await Promise.all(Array.from({ length: 20 }, (_, index) => a.create({ title: `note ${index}` })))
  await reload(a)
  expect(Object.keys(await a.documents()).toSorted()).toEqual(docIDs.toSorted())
})

test('what was written while the other tab was closed is there when it opens', async ({ newTab }) => {
  const a = await newTab()
  const docIDs = await Promise.all(Array.from({ length: 1_000 }, (_, index) => a.create({ title: `note ${index}` })))
  const b = await newTab()
  await expect.poll(async () => Object.keys(await b.documents()).length, { timeout: 15_000 }).toBe(docIDs.length)
  await expectSame(a, b)
})
