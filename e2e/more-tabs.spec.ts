import { expectSame } from './support/tab.ts'
import { expect, test } from './support/stage.ts'

test('three tabs connect to each other and converge', async ({ newTab }) => {
  const tabs = [await newTab(), await newTab(), await newTab()]
  const ids = await Promise.all(tabs.map((tab) => tab.peerId()))
  for (const [index, tab] of tabs.entries()) await tab.expectPeers(...ids.filter((_, other) => other !== index))
  await Promise.all(tabs.map((tab, index) => tab.create({ title: `from tab ${index}` })))
  const documents = await expectSame(...tabs)
  expect(Object.keys(documents)).toHaveLength(3)
})

test('tabs go on syncing when the relay is killed, and a new one joins when it is back', async ({ newTab, relay }) => {
  const [a, b] = [await newTab(), await newTab()]
  const [idA, idB] = [await a.peerId(), await b.peerId()]
  await a.expectPeers(idB)
  await b.expectPeers(idA)

  await relay.kill()
  await expect(a.page.getByTestId('relay-state')).not.toContainText(/reserved|connected/i)
  const docID = await a.create({ title: 'without a relay' })
  await expect(b.page.locator(`[data-docid="${docID}"]`)).toContainText('without a relay')
  await b.update(docID, { body: 'answered' })
  await expectSame(a, b)
  await a.expectPeers(idB)

  await relay.restart()
  const c = await newTab()
  await c.expectPeers(idA, idB)
  const documents = await expectSame(a, b, c)
  expect(documents[docID]).toMatchObject({ title: 'without a relay', body: 'answered' })
})
