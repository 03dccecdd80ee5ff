import { openDatabase, type Database } from '../../src/index.browser.ts'

/* An empty page in which a test opens a database as it wants it. */

declare global {
  // oxlint-disable-next-line no-var
  var openNode: typeof openDatabase
  // oxlint-disable-next-line no-var
  var db: Database
  /** Documents that were asked for in comparisons since the page was loaded, and are here. */
  // oxlint-disable-next-line no-var
  var fetched: number
}

globalThis.fetched = 0
globalThis.openNode = async (options) => {
  const db = await openDatabase(options)
  let before = 0
  db.events.addEventListener('sync:progress', ({ detail: { done } }) => {
    // Each comparison counts from the beginning.
    globalThis.fetched += done > before ? done - before : done
    before = done
  })
  globalThis.db = db
  return db
}
