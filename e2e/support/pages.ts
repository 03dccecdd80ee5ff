import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, relative } from 'node:path'

import { build } from 'vite'

/** Pages, bundled as an application would be and served on this machine. */
export interface PageServer extends AsyncDisposable {
  /** Address of a page. `origin` separates storages: each has databases of its own, in a folder of its own. */
  url(page: string, origin: string): string
  /** What Chromium calls this origin's folder. */
  folder(origin: string): string
}

const REPOSITORY = join(import.meta.dirname, '../..')

/** Pages of a folder, each a script `<page>.ts` in an empty document. */
export async function servePages(
  root: string,
  pages: readonly string[],
  { readable = false }: { readonly readable?: boolean } = {},
): Promise<PageServer> {
  const output = join(REPOSITORY, 'dist/pages', relative(REPOSITORY, root), pages.join('+'))
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: output,
      emptyOutDir: true,
      target: 'es2023',
      // A profile is read by people.
      minify: !readable,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: Object.fromEntries(pages.map((page) => [page, join(root, `${page}.ts`)])),
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const isScript = /^\/[\w.-]+\.js$/.test(path)
    const body = isScript ? readFile(join(output, path)) : Promise.resolve(html(path.slice(1)))
    body.then(
      (bytes) => response.writeHead(200, { ...ISOLATED, 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the pages are not served on a port')
  const { port } = address

  return {
    url: (page, origin) => `http://${origin}.localhost:${port}/${page}`,
    folder: (origin) => `http_${origin}.localhost_${port}.indexeddb.leveldb`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
      await rm(output, { recursive: true, force: true })
    },
  }
}

/** Cross-origin isolation: clocks then tell 5 µs apart instead of 100. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-cache',
}

function html(page: string): string {
  return `<!doctype html><meta charset="utf-8"><title>${page}</title><link rel="icon" href="data:,"><main></main><script type="module" src="/${page}.js"></script>`
}
