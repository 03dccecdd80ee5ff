import { expect, type Page } from '@playwright/test'

import type { Database, PeerStatus } from '../../src/index.node.ts'
import type { BrowserPage } from './browser-page.ts'

declare global {
  // What the playground offers to its console.
  // oxlint-disable-next-line no-var
  var warren: { readonly db: Database } | undefined
}

/** One tab with the playground open: a node. */
export interface Tab<P extends BrowserPage = Page> {
  readonly page: P
  peerId(): Promise<string>
  peers(): Promise<readonly PeerStatus[]>
  /** Waits until this tab is connected to exactly these peers, all directly. */
  expectPeers(...ids: readonly string[]): Promise<void>
  create(document: object): Promise<string>
  update(docID: string, patch: object): Promise<void>
  remove(docID: string): Promise<boolean>
  /** Documents of the playground's collection by ID, with the CIDs of their heads. */
  documents(): Promise<Readonly<Record<string, unknown>>>
}

/** The collection that the playground starts with. */
const COLLECTION = 'Note'

const FIND_WITHIN = 15_000

/** Where tabs are opened: a profile of a browser. */
interface Profile<P extends BrowserPage> {
  newPage(): Promise<P>
}

export async function openTab<P extends BrowserPage>(profile: Profile<P>, url: string, relay: string): Promise<Tab<P>> {
  const page = await profile.newPage()
  await page.goto(`${url}#relay=${relay}`)
  await untilReady(page)
  return tabOf(page)
}

/** Reloads a tab and waits until its node is open again. */
export async function reload(tab: Tab<BrowserPage>): Promise<void> {
  await tab.page.reload()
  await untilReady(tab.page)
}

/** Waits until all tabs hold the same documents with the same heads. */
export async function expectSame(...tabs: readonly Tab<BrowserPage>[]): Promise<Readonly<Record<string, unknown>>> {
  let last: readonly unknown[] = []
  await expect(async () => {
    last = await Promise.all(tabs.map((tab) => tab.documents()))
    for (const documents of last) expect(documents).toEqual(last[0])
  }).toPass({ timeout: FIND_WITHIN })
  return last[0] as Readonly<Record<string, unknown>>
}

async function untilReady(page: BrowserPage): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => globalThis.warren !== undefined), { timeout: FIND_WITHIN, message: 'the node is open' })
    .toBe(true)
}

function tabOf<P extends BrowserPage>(page: P): Tab<P> {
  const peers = (): Promise<readonly PeerStatus[]> => page.evaluate(async () => (await globalThis.warren?.db.p2p.peers()) ?? [])
  return {
    page,
    peerId: () => page.evaluate(async () => (await globalThis.warren?.db.p2p.info())?.id ?? ''),
    peers,
    expectPeers: async (...ids) => {
      await expect
        .poll(async () => (await peers()).map(({ id, link }) => `${id} ${link}`).toSorted(), { timeout: FIND_WITHIN })
        .toEqual(ids.map((id) => `${id} webrtc`).toSorted())
    },
    create: (document) =>
      page.evaluate(([name, value]) => globalThis.warren?.db.collection<object>(name).create(value) ?? '', [COLLECTION, document] as const),
    update: (docID, patch) =>
      page.evaluate(([name, id, value]) => globalThis.warren?.db.collection<object>(name).update(id, value), [
        COLLECTION,
        docID,
        patch,
      ] as const),
    remove: (docID) =>
      page.evaluate(([name, id]) => globalThis.warren?.db.collection(name).delete(id) ?? false, [COLLECTION, docID] as const),
    documents: () =>
      page.evaluate(async (name) => {
        const request = `{ ${name}(showDeleted: true) { _docID _deleted title body done _version { cid } } }`
        const { data, errors } = (await globalThis.warren?.db.execute(request)) ?? {}
        if (errors !== undefined) throw new Error(JSON.stringify(errors))
        const rows = (data?.[name] ?? []) as readonly { readonly _docID: string; readonly _version: readonly { readonly cid: string }[] }[]
        return Object.fromEntries(rows.map((row) => [row._docID, { ...row, _version: row._version.map(({ cid }) => cid).toSorted() }]))
      }, COLLECTION),
  }
}
