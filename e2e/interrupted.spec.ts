import { expect, test } from './support/stage.ts'

const DOCUMENTS = 10_000

test('a tab that is killed in the middle of 10,000 documents goes on where it was', async ({ newNode, relay }) => {
  const subscribed = { p2p: { relays: [relay.address], subscribe: ['Note'] } }
  const [a, b] = [await newNode('a'), await newNode('b')]
  await a.open(subscribed)
  for (let done = 0; done < DOCUMENTS; done += 2500) await a.create('Note', 2500)

  await b.open(subscribed)
  await b.page.waitForFunction((least) => globalThis.fetched >= least, DOCUMENTS * 0.3, { polling: 10 })
  await b.kill()

  await b.open({ p2p: false })
  const kept = await b.count('Note')
  expect(kept).toBeGreaterThan(DOCUMENTS * 0.2)
  expect(kept).toBeLessThan(DOCUMENTS * 0.8)
  await b.close()

  await b.open(subscribed)
  await b.untilCount('Note', DOCUMENTS)
  await expect.poll(() => b.page.evaluate(() => globalThis.fetched)).toBe(DOCUMENTS - kept)
  expect(await b.digest('Note')).toBe(await a.digest('Note'))
})
