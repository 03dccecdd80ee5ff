import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = join(root, 'test-results/docs')

/** Documents whose TypeScript has to run as it stands. A block that begins with `// page` needs a browser and is left to the page's own tests. */
const DOCUMENTS = ['README.md', 'relay/README.md']

const blocks = DOCUMENTS.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map((match, index) => ({
    title: `${file}, block ${index + 1}`,
    name: `${file.replaceAll(/\W/g, '-')}-${index + 1}.ts`,
    code: match[1] ?? '',
  })),
)
const runnable = blocks.filter(({ code }) => !code.startsWith('// page'))

describe('the documents', () => {
  afterEach(() => vi.restoreAllMocks())
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  it('show code', () => {
    expect(runnable.length).toBeGreaterThan(1)
  })

  it.each(runnable)('$title runs as written', async ({ name, code }) => {
    mkdirSync(scratch, { recursive: true })
    const file = join(scratch, name)
    // What a reader imports by the package's name is this checkout; a database of the example lives in memory, so that a test leaves nothing behind.
    const local = code
      .replaceAll(`'warrendb/relay'`, `'../../relay/relay.ts'`)
      .replaceAll(`'warrendb'`, `'../../src/index.node.ts'`)
      .replaceAll('openDatabase({', `openDatabase({ storage: 'memory',`)
    writeFileSync(file, `${local}\nexport {}\n`)
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    await expect(import(/* @vite-ignore */ file)).resolves.toBeDefined()
    // A request that fails rejects nothing: an example would show that it has no data.
    expect(print.mock.calls.filter(([shown]) => shown === undefined || shown === null)).toEqual([])
  })
})
