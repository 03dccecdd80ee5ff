import { entryDocId, entryRange, readEntry } from '../document/index-key.ts'
import { indexLayout, type IndexLayout } from '../document/index-layout.ts'
import type { IndexViolation } from './database.ts'
import type { TestNode } from './database.testkit.ts'

/** A collection with an index of every sort, one of them unique; and one without. */
export const INDEXED = 'type User { name: String @index(unique: true) age: Int @index tags: [String!] @index notes: JSON @index }'
export const PLAIN = 'type User { name: String age: Int tags: [String!] }'

/** What the first collection's index of this name holds. */
export async function layoutOf({ db }: TestNode, index: string): Promise<IndexLayout> {
  const [version] = await db.collections.describe()
  const described = version?.indexes.find(({ name }) => name === index)
  const layout = version === undefined || described === undefined ? undefined : indexLayout(version, described)
  if (layout === undefined) throw new Error(`no index ${index}`)
  return layout
}

/** Values and documents of an index, in its order. */
export async function entriesIn(node: TestNode, index: string): Promise<readonly (readonly unknown[])[]> {
  const layout = await layoutOf(node, index)
  const entries = await node.store.scan(entryRange(layout, []))
  return entries.map(({ key }) => [...readEntry(layout, key).parts.map(({ value }) => value), entryDocId(key)])
}

/** The documents that an index finds by one value. */
export async function docIdsWith(node: TestNode, index: string, value: string | number): Promise<readonly string[]> {
  const layout = await layoutOf(node, index)
  const entries = await node.store.scan(entryRange(layout, [{ path: [], through: 'value', value }]))
  return entries.map(({ key }) => entryDocId(key))
}

/** What a node tells of violations, from now on. */
export function violationsOf({ db }: TestNode): IndexViolation[] {
  const told: IndexViolation[] = []
  db.events.addEventListener('index:violation', ({ detail }) => told.push(detail))
  return told
}
