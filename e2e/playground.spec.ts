import type { Locator, Page } from '@playwright/test'

import { expect, test } from './support/stage.ts'
import { reload } from './support/tab.ts'

function rows(page: Page): Locator {
  return page.getByTestId('document')
}

function cell(row: Locator, field: string): Locator {
  return row.locator(`[data-testid="cell"][data-field="${field}"]`)
}

function newCell(page: Page, field: string): Locator {
  return page.locator(`[data-testid="new-cell"][data-field="${field}"]`)
}

/** Writes a note as a visitor does. */
async function write(page: Page, title: string): Promise<void> {
  await newCell(page, 'title').fill(title)
  await newCell(page, 'title').press('Enter')
  await expect(rows(page).filter({ hasText: title })).toBeVisible()
}

test('what is typed into one page shows in the other, and votes of both add up', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  await a.expectPeers(await b.peerId())
  await write(a.page, 'typed in A')
  const row = rows(b.page).filter({ hasText: 'typed in A' })
  await cell(row, 'body').fill('answered in B')
  await cell(row, 'body').press('Enter')
  await expect(cell(rows(a.page), 'body')).toHaveValue('answered in B')
  await Promise.all([a, b].map(({ page }) => rows(page).getByTestId('count-up').click()))
  for (const { page } of [a, b]) await expect(cell(rows(page), 'votes')).toHaveText('2')
  await rows(a.page).getByTestId('delete-row').click()
  await expect(rows(b.page)).toHaveCount(0)
})

test('a cell that is being edited keeps its text; Escape takes what was written elsewhere', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  await a.expectPeers(await b.peerId())
  await write(a.page, 'first')
  await expect(rows(b.page)).toHaveCount(1)
  await cell(rows(a.page), 'title').fill('mine')
  await cell(rows(b.page), 'title').fill('theirs')
  await cell(rows(b.page), 'title').press('Enter')
  await expect(rows(a.page).getByText('Now “theirs”')).toBeVisible()
  await expect(cell(rows(a.page), 'title')).toHaveValue('mine')
  await cell(rows(a.page), 'title').press('Escape')
  await expect(cell(rows(a.page), 'title')).toHaveValue('theirs')
})

test('a value that does not fit is explained beside its cell and changes nothing', async ({ newTab }) => {
  const { page } = await newTab()
  await write(page, 'a note')
  const time = cell(rows(page), 'written')
  const before = await time.inputValue()
  await time.fill('yesterday')
  await time.press('Enter')
  await expect(rows(page).getByText('“yesterday” is not a time')).toBeVisible()
  await time.press('Escape')
  await expect(time).toHaveValue(before)
})

test('a node opened from the page has its collections', async ({ newTab }) => {
  const { page } = await newTab()
  await page.getByTestId('new-collection').click()
  await page.getByTestId('schema-input').fill('type Book { title: Sting }')
  await page.getByTestId('dialog-submit').click()
  await expect(page.getByTestId('schema-error')).toContainText('Sting')
  await page.getByTestId('schema-input').fill('type Book { title: String tags: [String!] }')
  await page.getByTestId('dialog-submit').click()
  await newCell(page, 'tags').fill('["old"]')
  await write(page, 'Watership Down')

  const opened = page.context().waitForEvent('page')
  await page.getByTestId('open-another').click()
  const other = await opened
  await other.locator('[data-testid="collection"][data-name="Book"]').click()
  await expect(cell(rows(other).filter({ hasText: 'Watership Down' }), 'tags')).toHaveValue('["old"]')
  await expect(other.getByTestId('peer')).toContainText('Book')
})

test('a malformed relay is told of, and the page works without one', async ({ page, site }) => {
  await page.goto(`${site.url}#relay=127.0.0.1:9191`)
  await expect(page.getByTestId('refused')).toHaveAttribute('data-code', 'INVALID_ADDRESS')
  await expect(page.getByTestId('refused')).toContainText('127.0.0.1:9191')
  await expect(page.getByTestId('relay-state')).toHaveAttribute('data-state', 'none')
  await write(page, 'alone')
  await page.reload()
  await expect(rows(page)).toContainText('alone')
})

test('the GraphQL box answers, and says where a request is wrong', async ({ newTab }) => {
  const { page } = await newTab()
  await page.getByTestId('graphql-input').fill('mutation { create_Note(input: { title: "by request" }) { title } }')
  await page.getByTestId('graphql-input').press('Control+Enter')
  await expect(page.getByTestId('graphql-result')).toContainText('"title": "by request"')
  await expect(rows(page)).toContainText('by request')
  await page.getByTestId('graphql-input').fill('query {\n  Note {\n    titel\n  }\n}')
  await page.getByTestId('graphql-run').click()
  await expect(page.getByTestId('graphql-error')).toContainText('titel')
  await expect(page.getByTestId('graphql-error')).toContainText('line 3')
})

test('a watched query follows the other page, through its reload, until it is stopped', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  const idB = await b.peerId()
  await a.expectPeers(idB)
  const watch = b.page.getByTestId('graphql-watch')
  const state = b.page.getByTestId('graphql-watch-state')
  const result = b.page.getByTestId('graphql-result')
  await b.page.getByTestId('graphql-input').fill('{ Note(order: { title: ASC }) { title done } }')
  await watch.click()
  await expect(watch).toHaveAttribute('aria-pressed', 'true')
  await expect(result).toContainText('"Note": []')

  await write(a.page, 'second')
  await expect(result).toContainText('"title": "second"')
  await reload(a)
  await a.expectPeers(idB)
  await write(a.page, 'first')
  await expect(result).toContainText(/"first".*"second"/s)
  await expect(state).toHaveText(/^watching · \d+ updates · last \d\d:\d\d:\d\d$/)

  await watch.click()
  await expect(watch).toHaveAttribute('aria-pressed', 'false')
  await expect(state).toContainText('stopped')
  await write(a.page, 'unseen')
  await expect(rows(b.page)).toHaveCount(3)
  await expect(result).not.toContainText('unseen')
})

test('a subscription shows each change, the newest first; another request ends it', async ({ newTab }) => {
  const { page } = await newTab()
  const result = page.getByTestId('graphql-result')
  await page.getByTestId('example').getByText('Subscribe').click()
  await page.getByTestId('graphql-run').click()
  await expect(page.getByTestId('graphql-watch')).toHaveAttribute('aria-pressed', 'true')
  await write(page, 'one')
  await write(page, 'two')
  await expect(page.getByTestId('graphql-watch-state')).toContainText('watching · 2 updates')
  await expect(result).toContainText(/"two".*"one"/s)
  await page.getByTestId('example').getByText('Explain').click()
  await expect(page.getByTestId('graphql-watch')).toHaveAttribute('aria-pressed', 'false')
  await page.getByTestId('graphql-run').click()
  await expect(result).toContainText('"index": "Note_title_ASC"')
})

test('many documents are turned over by pages', async ({ newTab }) => {
  const { page } = await newTab()
  await page.evaluate(async () => {
    const notes = Array.from({ length: 45 }, (_, index) => ({ title: `note ${index}`, written: new Date(index * 1000).toISOString() }))
    await globalThis.warren?.db.collection<object>('Note').create(notes)
  })
  await expect(page.getByTestId('total')).toHaveText('1–20 of 45')
  await expect(cell(rows(page).first(), 'title')).toHaveValue('note 44')
  await page.getByTestId('next-page').click()
  await page.getByTestId('next-page').click()
  await expect(rows(page)).toHaveCount(5)
  await expect(cell(rows(page).last(), 'title')).toHaveValue('note 0')
})

test('nothing needs sideways scrolling on a narrow screen', async ({ newTab }) => {
  const { page } = await newTab()
  await page.setViewportSize({ width: 400, height: 800 })
  await write(page, 'a note with a longer title than fits into one line of a telephone')
  const [scrollWidth, clientWidth] = await page.evaluate(
    () => [document.documentElement.scrollWidth, document.documentElement.clientWidth] as const,
  )
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth)
  await expect(page.getByTestId('add-row')).toBeInViewport()
})

test('a node that has been closed says so', async ({ newTab }) => {
  const { page } = await newTab()
  await write(page, 'before')
  await page.evaluate(() => globalThis.warren?.db.close())
  await expect(page.getByTestId('closed')).toBeVisible()
})

test('the page says how a peer is connected, and why another one is not', async ({ newTab }) => {
  const [a, b] = [await newTab(), await newTab()]
  const id = await b.peerId()
  await a.expectPeers(id)
  await a.page.getByTestId('explain-peer').click()
  await expect(a.page.getByTestId('explain-summary')).toContainText('Connected directly by WebRTC')
  // Chromium tells which way the connection goes.
  await expect(a.page.locator('[data-testid="finding"][data-step="ice"]')).toContainText('an address of the machine')
  await a.page.keyboard.press('Escape')

  await a.page.getByTestId('explain').click()
  await a.page.getByTestId('explain-input').fill('12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4')
  await a.page.getByTestId('dialog-submit').click()
  await expect(a.page.getByTestId('explain-summary')).toContainText('No relay of this node knows the peer')
  await a.page.getByTestId('explain-input').fill('nonsense')
  await a.page.getByTestId('dialog-submit').click()
  await expect(a.page.getByTestId('explain-error')).toContainText('is no peer ID')
})
