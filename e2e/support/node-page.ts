import { expect, type Page } from '@playwright/test'

import type { OpenOptions, PeerStatus, RequestResult } from '../../src/index.node.ts'
import type { BrowserPage } from './browser-page.ts'

/** The page `pages/node.ts` with a database that is opened as a test wants it. Each has an origin of its own, and so a process and a storage of its own. */
export interface NodePage<P extends BrowserPage = Page> {
  /** The page now: another one after `kill`. */
  readonly page: P
  /** Opens the database: that of the page's origin, so after a reload or a crash the same again. */
  open(options?: Partial<OpenOptions>): Promise<void>
  close(): Promise<void>
  /** Ends the page's process at once, as a crash or a lack of memory does, and loads the page anew. */
  kill(): Promise<void>
  peerId(): Promise<string>
  peers(): Promise<readonly PeerStatus[]>
  /** The data of a request. @throws what was wrong with it */
  data(request: string): Promise<NonNullable<RequestResult['data']>>
  create(collection: string, count: number): Promise<void>
  count(collection: string): Promise<number>
  untilCount(collection: string, count: number): Promise<void>
  /** All documents with the CIDs of their heads, as one digest. */
  digest(collection: string): Promise<string>
}

const ARRIVES_WITHIN = 20_000

/** Opens pages, and ends them as a crash does. */
export interface PageOpener<P extends BrowserPage> {
  open(): Promise<P>
  crash(page: P): Promise<void>
}

export async function openNodePage<P extends BrowserPage>(pages: PageOpener<P>, defaults: OpenOptions): Promise<NodePage<P>> {
  let page = await pages.open()

  const count = (collection: string): Promise<number> =>
    page.evaluate(async (name) => (await Array.fromAsync(globalThis.db.collection(name).docIDs())).length, collection)

  return {
    get page() {
      return page
    },
    open: (options = {}) =>
      page.evaluate(
        async (options) => {
          await globalThis.openNode(options)
        },
        { ...defaults, ...options },
      ),
    close: () => page.evaluate(() => globalThis.db.close()),
    kill: async () => {
      await pages.crash(page)
      await page.close()
      page = await pages.open()
    },
    peerId: () => page.evaluate(async () => (await globalThis.db.p2p.info()).id),
    peers: () => page.evaluate(() => globalThis.db.p2p.peers()),
    data: (request) =>
      page.evaluate(async (request) => {
        const { data, errors } = await globalThis.db.execute(request)
        if (errors !== undefined) throw new Error(JSON.stringify(errors))
        return data ?? {}
      }, request),
    create: (collection, count) =>
      page.evaluate(
        async ([name, count]) => {
          const documents = Array.from({ length: count }, (_, index) => ({ title: `${name} ${index}`, body: crypto.randomUUID() }))
          await globalThis.db.collection<object>(name).create(documents)
        },
        [collection, count] as const,
      ),
    count,
    untilCount: (collection, expected) =>
      expect.poll(() => count(collection), { timeout: ARRIVES_WITHIN, message: `documents in ${collection}` }).toBe(expected),
    digest: (collection) =>
      page.evaluate(async (name) => {
        const { data, errors } = await globalThis.db.execute(`{ ${name}(order: { _docID: ASC }) { _docID title body _version { cid } } }`)
        if (errors !== undefined) throw new Error(JSON.stringify(errors))
        const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(data))))
        return bytes.toString()
      }, collection),
  }
}
