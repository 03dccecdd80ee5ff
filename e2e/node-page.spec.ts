import type { Locator, Page } from '@playwright/test'

import { startNodeProcess } from '../src/cli/node-process.testkit.ts'
import { openDatabase } from '../src/index.node.ts'
import { expect, test } from './support/stage.ts'

const SCHEMA = 'type Book { title: String pages: Int }'

function row(page: Page, title: string): Locator {
  return page.getByTestId('document').filter({ hasText: title })
}

function cell(page: Page, title: string, field: string): Locator {
  return row(page, title).locator(`[data-testid="cell"][data-field="${field}"]`)
}

test('the page of an empty node adds a collection, writes, and shows what others write and ask', async ({ page }) => {
  await using node = await startNodeProcess()
  await page.goto(node.url)
  await expect(page.getByTestId('peer-id')).toHaveAttribute('data-peer', node.peerId)
  await expect(page.getByText('This node has no collections yet.')).toBeVisible()
  await page.getByTestId('new-collection').click()
  await page.getByTestId('schema-input').fill(SCHEMA)
  await page.getByTestId('dialog-submit').click()
  await page.locator('[data-testid="new-cell"][data-field="title"]').fill('by the page')
  await page.locator('[data-testid="new-cell"][data-field="title"]').press('Enter')
  await cell(page, 'by the page', 'pages').fill('413')
  await cell(page, 'by the page', 'pages').press('Enter')
  const listed = await node.client('query', '{ Book { title pages } }')
  expect(JSON.parse(listed.out)).toEqual({ data: { Book: [{ title: 'by the page', pages: 413 }] } })

  const result = page.getByTestId('graphql-result')
  await page.getByTestId('graphql-input').fill('{ Book { title pages } }')
  await page.getByTestId('graphql-run').click()
  await expect(result).toContainText('"pages": 413')
  await page.getByTestId('graphql-input').fill('subscription { Book { title } }')
  await page.getByTestId('graphql-run').click()
  await expect(page.getByTestId('graphql-watch')).toHaveAttribute('aria-pressed', 'true')
  expect(await node.client('collection', 'create', '--name', 'Book', '{"title": "by the command line"}')).toMatchObject({ code: 0 })
  await expect(row(page, 'by the command line')).toBeVisible()
  await expect(result).toContainText('"title": "by the command line"')
})

test('the page of a node shows its peers and what comes from them', async ({ page }) => {
  await using node = await startNodeProcess()
  await node.client('schema', 'add', SCHEMA)
  await node.client('p2p', 'collection', 'add', 'Book')
  await page.goto(node.url)
  await expect(page.getByTestId('peer-count')).toHaveText('0')
  await using peer = await openDatabase({ storage: 'memory', schema: SCHEMA, p2p: { peers: node.addresses } })
  const { id } = await peer.p2p.info()
  await expect(page.locator(`[data-peer="${id}"][data-link="tcp"]`)).toContainText('Book')
  await peer.collection<object>('Book').create({ title: 'by a peer' })
  await expect(row(page, 'by a peer')).toBeVisible()
  await peer.close()
  await expect(page.getByTestId('peer-count')).toHaveText('0')
})

test('a page says that its node is away, and goes on when it is back, also without network', async ({ page }) => {
  await using node = await startNodeProcess()
  await node.client('schema', 'add', SCHEMA)
  await node.client('collection', 'create', '--name', 'Book', '{"title": "before"}')
  await page.goto(node.url)
  await expect(row(page, 'before')).toBeVisible()
  await page.getByTestId('graphql-input').fill('{ Book { title } }')
  expect(await node.stop()).toBe(0)
  await expect(page.getByTestId('away')).toBeVisible()
  await page.getByTestId('graphql-run').click()
  await expect(page.getByTestId('graphql-error')).toContainText('No WarrenDB node answers')

  await node.restart(['--no-p2p', '--url', new URL(node.url).host])
  await node.client('collection', 'create', '--name', 'Book', '{"title": "meanwhile"}')
  await expect(row(page, 'meanwhile')).toBeVisible()
  await expect(page.getByTestId('away')).toHaveCount(0)
  await expect(page.getByTestId('network-off')).toBeVisible()
  await page.getByTestId('graphql-run').click()
  await expect(page.getByTestId('graphql-result')).toContainText('"title": "meanwhile"')

  await page.reload()
  await expect(page.getByTestId('network-off')).toBeVisible()
  await cell(page, 'before', 'pages').fill('7')
  await cell(page, 'before', 'pages').press('Enter')
  await expect.poll(async () => (await node.client('query', '{ Book(filter: {title: {_eq: "before"}}) { pages } }')).out).toContain('7')
})

test('a hidden page leaves its connection to others, and catches up when it is shown', async ({ page }) => {
  await using node = await startNodeProcess({ flags: ['--no-p2p'] })
  await node.client('schema', 'add', SCHEMA)
  const listening = page.waitForResponse((response) => response.url().endsWith('/events'))
  await page.goto(node.url)
  await listening
  const released = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/events'))
  await setHidden(page, true)
  await released
  await node.client('collection', 'create', '--name', 'Book', '{"title": "while hidden"}')
  await expect(page.getByTestId('away')).toHaveCount(0)
  await setHidden(page, false)
  await expect(row(page, 'while hidden')).toBeVisible()
  await node.client('collection', 'create', '--name', 'Book', '{"title": "while shown"}')
  await expect(row(page, 'while shown')).toBeVisible()
})

/** Pages of a test are never hidden by others. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}
