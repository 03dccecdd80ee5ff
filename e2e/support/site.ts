import { join } from 'node:path'

import { preview } from 'vite'

/** The built playground on a free port, as a static host would serve it. */
export interface Site {
  readonly url: string
  close(): Promise<void>
}

export async function serveSite(): Promise<Site> {
  const server = await preview({
    configFile: join(import.meta.dirname, '../../vite.config.ts'),
    logLevel: 'error',
    preview: { host: 'localhost', port: 0, open: false },
  })
  const [url] = server.resolvedUrls?.local ?? []
  if (url === undefined) throw new Error('the page is not served: is it built?')
  return { url, close: () => server.close() }
}
