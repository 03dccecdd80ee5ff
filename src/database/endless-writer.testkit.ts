import { isFailure } from '../errors.ts'
import type { Store } from '../storage/store.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'

export const ENDLESS_SCHEMA = `
  type Note { title: String number: Int count: Int @crdt(type: pncounter) }
  type Page @branchable { title: String }`

/** What a writer tells of a write when it is acknowledged: the document it created, or brought to a number. */
export interface Told {
  readonly kind: 'created' | 'counted' | 'paired' | 'merged'
  readonly docID: string
  readonly number: number
}

export interface Numbered {
  readonly title: string
  readonly number: number
  readonly count: number
}

const PAIR = ['left', 'right']

/**
 * Writes in several ways at once, without end, as a process does that is killed sometime: pages in a branchable collection; a note whose number and count go up
 * together; two notes that one transaction keeps equal; a note of another node, merged. Where notes are here from before, it goes on from their numbers.
 */
export async function writeEndlessly(store: Store, tell: (told: Told) => void): Promise<void> {
  const node = await openTestNode(ENDLESS_SCHEMA, { store })
  await Promise.all([createPages(node, tell), count(node, tell), keepEqual(node, tell), mergeUpdates(node, tell)])
}

async function createPages({ db }: TestNode, tell: (told: Told) => void): Promise<never> {
  for (let number = 0; ; number++) {
    tell({ kind: 'created', docID: await db.collection('Page').create({ title: crypto.randomUUID() }), number })
  }
}

async function count({ db }: TestNode, tell: (told: Told) => void): Promise<never> {
  const docID = await noteOf(db, 'counted')
  for (let number = (await numberOf(db, docID)) + 1; ; number++) {
    await db.collection('Note').update(docID, { number, count: 1 })
    tell({ kind: 'counted', docID, number })
  }
}

async function keepEqual({ db }: TestNode, tell: (told: Told) => void): Promise<never> {
  const docIDs = await Promise.all(PAIR.map((title) => noteOf(db, title)))
  for (let number = (await numberOf(db, docIDs[0] ?? '')) + 1; ; number++) {
    await db.transaction(async (tx) => {
      for (const docID of docIDs) await tx.collection('Note').update(docID, { number, count: 1 })
    })
    for (const docID of docIDs) tell({ kind: 'paired', docID, number })
  }
}

async function mergeUpdates(node: TestNode, tell: (told: Told) => void): Promise<never> {
  const other = await openTestNode(ENDLESS_SCHEMA)
  const docID = await other.db.collection('Note').create({ title: crypto.randomUUID(), number: 0, count: 0 })
  for (let number = 1; ; number++) {
    await other.db.collection('Note').update(docID, { number, count: 1 })
    await deliver(other, node)
    tell({ kind: 'merged', docID, number })
  }
}

/** The note of this title, which may be here from before. */
async function noteOf(db: TestNode['db'], title: string): Promise<string> {
  try {
    return await db.collection('Note').create({ title, number: 0, count: 0 })
  } catch (error) {
    if (isFailure(error, 'ALREADY_EXISTS')) return error.details.id
    throw error
  }
}

async function numberOf(db: TestNode['db'], docID: string): Promise<number> {
  return (await db.collection<Numbered>('Note').get(docID))?.number ?? 0
}
