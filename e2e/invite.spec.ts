import { expect, test } from './support/stage.ts'

test('a link brings a node with the collections of who invites, also after a reload', async ({ newTab, context }) => {
  const a = await newTab()
  await a.page.getByTestId('new-collection').click()
  await a.page.getByTestId('schema-input').fill('type Book { title: String } ')
  await a.page.getByTestId('dialog-submit').click()
  await expect(a.page.getByTestId('relay-state')).toHaveAttribute('data-state', 'reserved')
  await a.page.getByTestId('invite').click()
  await expect(a.page.getByTestId('invite-qr')).toBeVisible()
  const link = await a.page.getByTestId('invite-link').inputValue()
  expect(link).toContain('#invite=')

  const page = await context.newPage()
  await page.goto(link)
  const peer = await a.peerId()
  await expect(page.getByTestId('joined')).toHaveAttribute('data-peer', peer)
  await expect(page.getByTestId('joined')).toContainText('Book')
  await expect(page.getByTestId('joined')).toHaveAttribute('data-here', 'true')
  await page.locator('[data-testid="collection"][data-name="Book"]').click()
  await page.reload()
  await expect(page.getByTestId('joined')).toHaveAttribute('data-here', 'true')
  await expect(page.locator('[data-testid="collection"][data-name="Book"]')).toBeVisible()
})

test('a link that was cut off is told of, and the node opens without it', async ({ newTab, context }) => {
  const { page: first } = await newTab()
  await first.getByTestId('invite').click()
  const link = await first.getByTestId('invite-link').inputValue()
  const page = await context.newPage()
  await page.goto(link.slice(0, -5))
  await expect(page.getByTestId('refused')).toContainText('cut off or mistyped')
  await expect(page.locator('[data-testid="collection"][data-name="Note"]')).toBeVisible()
})
