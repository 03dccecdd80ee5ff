import { keptOpen, openTestNode } from '../../database/database.testkit.ts'
import { keys } from '../../document/keys.ts'
import { openMemoryStore } from '../../storage/memory.ts'
import type { Change, Store } from '../../storage/store.ts'
import { identities, type Identity } from './identities.testkit.ts'
import { LATE_SCHEMA, SCHEMA } from './writes.testkit.ts'

/** What is on the disks of nodes before anything happens: made once, since it is the same in every simulation. */
export interface Templates {
  readonly identities: readonly Identity[]
  /** The disk of a node that has its identity and the schema, with the late collection or without. */
  diskOf(index: number, knowsAll: boolean): Promise<Store>
}

/** Where the network keeps who it is. */
const PEER_KEY = 'peer-key'

export async function makeTemplates(count: number): Promise<Templates> {
  const all = await identities(count)
  const first = await contentOf(SCHEMA)
  const later = await contentOf(SCHEMA, LATE_SCHEMA)
  return {
    identities: all,
    diskOf: async (index, knowsAll) => {
      const store = await openMemoryStore()
      await store.apply([...(knowsAll ? later : first), { key: keys.setting(PEER_KEY), value: all[index]?.key }])
      return store
    },
  }
}

async function contentOf(...schemas: readonly string[]): Promise<readonly Change[]> {
  const store = await openMemoryStore()
  const { db } = await openTestNode(undefined, { store: keptOpen(store) })
  for (const schema of schemas) await db.schema.add(schema)
  await db.close()
  return store.scan({})
}
