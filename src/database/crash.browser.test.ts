import { deleteIndexedDbStore, openIndexedDbStore } from '../storage/indexeddb.browser.ts'
import { crashSuite } from './crash.testkit.ts'

let places = 0

crashSuite('IndexedDB', async () => {
  const name = `crash-${places++}`
  return { open: () => openIndexedDbStore(name), remove: () => deleteIndexedDbStore(name) }
})
