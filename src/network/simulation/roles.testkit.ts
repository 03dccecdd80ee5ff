import type { Ledger, StoredCommit } from './ledger.testkit.ts'
import type { CollectionName } from './plan.testkit.ts'

/** What a node takes from others: all of everything from the beginning, or what it was told to in the course of the simulation. */
export type Role = 'everything' | 'chosen'

/** What the nodes were told to take and to give, and have acknowledged. All that has to do with who must have what stands here. */
export interface Roles {
  subscribed(node: number, collections: readonly CollectionName[]): void
  followed(node: number, docIds: readonly string[]): void
  /** Of all collections, where none are named. */
  replicating(from: number, to: number, collections: readonly CollectionName[] | undefined): void
  /** Whether a node must have in the end all that was written of a document, wherever that was. */
  isWhole(node: number, collection: string, docId: string): boolean
  /**
   * The commits that each node must have in the end: its own, and of what others have what it takes or is given. All nodes are connected with all where some choose, so each has
   * it from whoever has it. `nameOf` gives the name of a collection.
   */
  owed(ledger: Ledger, nameOf: (collectionId: string) => string): readonly ReadonlyMap<string, StoredCommit>[]
}

interface Given {
  readonly from: number
  readonly to: number
  readonly collections: readonly CollectionName[] | undefined
}

export function createRoles(roles: readonly Role[]): Roles {
  const collections = roles.map(() => new Set<string>())
  const documents = roles.map(() => new Set<string>())
  const replicators: Given[] = []

  function isWhole(node: number, collection: string, docId: string): boolean {
    return roles[node] === 'everything' || collections[node]?.has(collection) === true || documents[node]?.has(docId) === true
  }

  function isGiven(from: number, to: number, collection: string): boolean {
    return replicators.some(
      (given) => given.from === from && given.to === to && (given.collections?.some((name) => name === collection) ?? true),
    )
  }

  return {
    subscribed: (node, names) => names.forEach((name) => collections[node]?.add(name)),
    followed: (node, docIds) => docIds.forEach((docId) => documents[node]?.add(docId)),
    replicating: (from, to, names) => replicators.push({ from, to, collections: names }),
    isWhole,
    owed: (ledger, nameOf) => {
      const owed = roles.map((_, node) =>
        withAncestors(
          ledger,
          [...ledger.commits].filter(([, { writers }]) => writers.has(node)),
        ),
      )
      for (let isChanged = true; isChanged;) {
        isChanged = false
        for (const [to, own] of owed.entries()) {
          for (const [from, theirs] of owed.entries()) {
            if (from === to) continue
            const taken = [...theirs].filter(([name, { collectionId, docId }]) => {
              const collection = nameOf(collectionId)
              return !own.has(name) && (isWhole(to, collection, docId) || isGiven(from, to, collection))
            })
            for (const [name, commit] of withAncestors(ledger, taken)) own.set(name, commit)
            if (taken.length > 0) isChanged = true
          }
        }
      }
      return owed
    },
  }
}

/** Who has a commit has its ancestors. */
function withAncestors({ commits }: Ledger, some: readonly (readonly [string, StoredCommit])[]): Map<string, StoredCommit> {
  const all = new Map<string, StoredCommit>()
  const queue = [...some]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [name, commit] = next
    if (all.has(name)) continue
    all.set(name, commit)
    for (const parent of commit.parents) {
      const found = commits.get(parent)
      if (found !== undefined) queue.push([parent, found])
    }
  }
  return all
}
