import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { run } from '../src/cli/cli.testkit.ts'
import { connectOverHttp } from '../src/cli/http-connection.ts'
import { serveHttp } from '../src/http/server.node.ts'
import { openDatabase } from '../src/index.node.ts'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = join(root, 'test-results/docs')

/** Documents whose TypeScript has to run as it stands. A block that begins with `// page` needs a browser and is left to the page's own tests. */
const DOCUMENTS = ['README.md', 'relay/README.md', 'docs/relay.md']

/** What is on the page of a server: a block that uses it gets one of its own. */
const SERVER_ADDRESS = 'http://127.0.0.1:9181'

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
    const isServed = code.includes(SERVER_ADDRESS)
    const server = isServed ? await startServer() : undefined
    const local = code
      .replaceAll(`'warrendb/http'`, `'../../src/index.http.ts'`)
      .replaceAll(SERVER_ADDRESS, server?.url ?? SERVER_ADDRESS)
      .replaceAll(`'warrendb/relay'`, `'../../relay/relay.ts'`)
      .replaceAll(`'warrendb'`, `'../../src/index.node.ts'`)
      .replaceAll('openDatabase({', `openDatabase({ storage: 'memory',`)
    writeFileSync(file, `${local}\nexport {}\n`)
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    await expect(import(/* @vite-ignore */ file)).resolves.toBeDefined()
    // A request that fails rejects nothing: an example would show that it has no data.
    expect(print.mock.calls.filter(([shown]) => shown === undefined || shown === null)).toEqual([])
    await server?.close()
  })

  it('show command lines that do what they say', async () => {
    const lines = commandLines('README.md')
    expect(lines.length).toBeGreaterThan(5)
    mkdirSync(scratch, { recursive: true })
    const server = await startServer()
    try {
      for (const words of lines)
        expect(await runLine(words, server.url)).toMatchObject({ words, code: 0, err: expect.not.stringContaining('Error') })
    } finally {
      await server.close()
    }
  })
})

/** A node with its API, as the examples expect to find one. */
async function startServer(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const database = await openDatabase({ storage: 'memory' })
  const server = await serveHttp({ database: () => database }, { host: '127.0.0.1', port: 0 })
  const close = async (): Promise<void> => {
    await server.close()
    await database.close()
  }
  return { url: server.url, close }
}

/** The lines of the shell that ask a node, as words: those in single quotes are one, and what they are piped into is left out. */
function commandLines(file: string): readonly (readonly string[])[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => /^warrendb (?:client|types)/.test(line))
    .map((line) => [...line.replace(/ \| jq .*$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain))
}

async function runLine(
  [, ...words]: readonly string[],
  url: string,
): Promise<{ readonly words: readonly string[]; readonly code: number; readonly err: string }> {
  const inScratch = words.map((word) => (/^books\.\S+$/.test(word) ? join(scratch, word) : word))
  const ran = await run(['--url', url, ...inScratch], { connect: connectOverHttp }, { cwd: scratch, home: scratch })
  return { words: ['warrendb', ...words], ...ran }
}
