import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Commit, CompositeDelta, FieldDelta, SealedBlock } from '../block/block.ts'
import { cidKey, type Cid } from '../block/cid.ts'
import { sealBlock } from '../block/codec.ts'
import { openCommit, packCommit, sealCommit } from '../block/commit.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import { isFailure } from '../errors.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'

const SCHEMA = 'type Card { name: String any: Int @crdt(type: pncounter) up: Int @crdt(type: pcounter) tags: [String!] }'
const RUNS = Number(process.env['WARREN_RUNS'] ?? 100)

interface History {
  readonly collectionId: string
  readonly docIDs: readonly string[]
  readonly commits: readonly Commit[]
}

/** Two documents that two writers have changed at the same time, again and again. */
async function aHistory(): Promise<History> {
  const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
  const docIDs = await a.db.collection('Card').create([
    { name: 'one', any: 1, up: 1 },
    { name: 'two', tags: ['x'] },
  ])
  await deliver(a, b)
  for (let round = 0; round < 3; round++) {
    for (const [side, { db }] of [a, b].entries()) {
      for (const docID of docIDs) await db.collection('Card').update(docID, { any: round - side, up: round, name: `side ${side}` })
    }
    await deliver(a, b)
    if (round > 0) await deliver(b, a)
  }
  const [collectionId = ''] = a.replica.collectionIds()
  const commits = await Promise.all(docIDs.map((docID) => a.replica.commitsSince(collectionId, docID, [])))
  return { collectionId, docIDs, commits: commits.flat().filter(isDocumentCommit) }
}

describe('what a hostile peer sends among true commits', () => {
  it('leaves the store consistent, its documents readable and the same on every node, and keeps no true commit out', async () => {
    const history = await aHistory()
    const { collectionId, docIDs, commits } = history
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = randomOf(seed)
        const forged = forgeries(history, random)
        const [node, twin] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
        for (const { replica } of [node, twin]) {
          const sent = random.shuffled([...commits, ...forged])
          for (let at = 0; at < sent.length; at += 4) await replica.merge(collectionId, sent.slice(at, at + 4), { peer: 'hostile' })
          await replica.merge(collectionId, random.shuffled([...commits, ...forged]), { peer: 'hostile' })
        }
        expect(await recordsOf(node, collectionId)).toEqual(await recordsOf(twin, collectionId))
        expect(await node.replica.merge(collectionId, commits, { peer: 'true' })).toMatchObject({ rejected: [], missing: [] })
        for (const { composite } of commits) {
          const document = { docId: composite.block.delta.docId, heads: [composite.cid] }
          expect(await node.replica.lacking(collectionId, [document])).toEqual([])
        }
        await expectConsistent(node.store)
        for (const docID of docIDs) expect(await node.db.collection('Card').get(docID, { showDeleted: true })).toBeDefined()
        const { errors } = await node.db.execute('{ Card(showDeleted: true) { name any up tags } commits { cid } }')
        expect(errors).toBeUndefined()
      }),
      { numRuns: RUNS, seed: testSeed() },
    )
  })
})

/** Commits made of true ones, or of forged ones, by some changes; as they come over the wire, that is without those whose bytes alone give them away. */
function forgeries({ commits, docIDs }: History, random: Random): readonly Commit[] {
  const forged: Commit[] = []
  for (let count = 0; count < 6; count++) {
    const base = pick([...commits, ...forged], random)
    try {
      forged.push(openCommit(packCommit(forge(base, { commits: [...commits, ...forged], docIDs }, random))))
    } catch (error) {
      if (!isFailure(error, 'CORRUPT_DATA')) throw error
    }
  }
  return forged
}

interface Draft {
  readonly delta: CompositeDelta
  readonly heads: readonly Cid[]
  readonly fields: readonly SealedBlock<FieldDelta>[]
}

/** What a forger takes from. */
interface Material {
  readonly commits: readonly Commit[]
  readonly docIDs: readonly string[]
}

function forge({ composite, fields }: Commit, material: Material, random: Random): Commit {
  let draft: Draft = { delta: composite.block.delta, heads: composite.block.heads, fields }
  for (let changes = 1 + random.below(3); changes > 0; changes--) draft = pick(CHANGES, random)(draft, random, material)
  const byName = new Map(draft.fields.map((field) => [field.block.delta.fieldName, field]))
  return sealCommit(draft.delta, draft.heads, [...byName.values()])
}

const CHANGES: readonly ((draft: Draft, random: Random, material: Material) => Draft)[] = [
  (draft, random) => ({ ...draft, delta: { ...draft.delta, priority: Math.max(1, draft.delta.priority + pick([-1, 1, 100], random)) } }),
  (draft, random) => ({ ...draft, delta: { ...draft.delta, status: pick([1, 2] as const, random) } }),
  (draft) => ({ ...draft, delta: { ...draft.delta, schemaVersionId: 'of nobody' } }),
  (draft, random, { commits }) => ({ ...draft, heads: unique([...draft.heads, pick(commits, random).composite.cid]) }),
  (draft) => ({ ...draft, heads: draft.heads.slice(1) }),
  (draft) => ({ ...draft, fields: draft.fields.slice(1) }),
  (draft, random, { docIDs }) => {
    const docId = pick(docIDs, random)
    return { ...changeFields(draft, (delta) => ({ ...delta, docId }), []), delta: { ...draft.delta, docId } }
  },
  (draft, random) => changeFields(draft, (delta) => ({ ...delta, priority: Math.max(1, delta.priority + pick([-1, 1, 7], random)) })),
  (draft, random, { commits }) => {
    const parent = pick(
      commits.flatMap(({ fields }) => fields),
      random,
    )
    const isHigher = random.below(2) === 0
    return changeFields(draft, (delta) => (isHigher ? { ...delta, priority: parent.block.delta.priority + 1 } : delta), [parent.cid])
  },
  (draft, random, { commits }) => ({ ...draft, fields: [...draft.fields, ...pick(commits, random).fields] }),
  (draft, random) => changeFields(draft, (delta) => ({ ...delta, data: pick(DATA, random) })),
  (draft, random) => changeFields(draft, (delta) => ({ ...delta, fieldName: pick(NAMES, random) })),
]

const NAMES = ['unknown', '_docID', 'name', 'any', 'up', 'tags', '', 'ünknown']
/** A text, small integers of either sign, null, an empty list, and no CBOR. */
const DATA = [[0x61, 0x7a], [0x05], [0x20], [0xf6], [0x80], [0xff], []].map((bytes) => Uint8Array.from(bytes))

function changeFields(draft: Draft, change: (delta: FieldDelta) => FieldDelta, heads?: readonly Cid[]): Draft {
  return {
    ...draft,
    fields: draft.fields.map(({ block }) => sealBlock({ ...block, delta: change(block.delta), heads: heads ?? block.heads })),
  }
}

/** The records of all documents of the collection. */
async function recordsOf({ store }: TestNode, collectionId: string): Promise<readonly unknown[]> {
  const entries = await store.scan(keys.documentsOf(collectionId))
  return entries.map(({ key, value }) => [keys.docIdOf(key), decodeRecord(value)])
}

function unique(cids: readonly Cid[]): readonly Cid[] {
  return [...new Map(cids.map((cid) => [cidKey(cid), cid])).values()]
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random.below(items.length)]
  if (item === undefined) throw new RangeError('there is nothing to choose from')
  return item
}
