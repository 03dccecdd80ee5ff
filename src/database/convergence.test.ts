import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { documentId } from '../document/document-id.ts'
import { isFailure } from '../errors.ts'
import { parseSdl } from '../schema/sdl.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { expectConsistent, stateOf } from './consistency.testkit.ts'
import { keptOpen, openTestNode, type TestNode } from './database.testkit.ts'

const FIELDS =
  'name: String @index(unique: true) done: Boolean votes: Int @crdt(type: pncounter) @index views: Int @crdt(type: pcounter) tags: [String!] @index(includes: [{ field: "done", direction: DESC }])'
const COLLECTIONS = ['Card', 'Page']
const SCHEMA = `type Card { ${FIELDS} } type Page @branchable { ${FIELDS} }`

/** What some nodes have from the first day, some later, all in the end. */
const PATCH = COLLECTIONS.flatMap((name) => [
  { op: 'add', path: `/${name}/Fields/late`, value: { Kind: 'String' } },
  { op: 'add', path: `/${name}/Fields/likes`, value: { Kind: 'Int', Typ: 4 } },
])

/** The documents that everybody writes: so few that writers meet at them. */
const SUBJECTS = parseSdl(SCHEMA, []).flatMap((version) =>
  [
    { name: 'one', votes: 1 },
    { name: 'two', votes: 2 },
  ].map((content) => ({
    collection: version.name,
    collectionId: version.collectionId,
    content,
    docID: documentId(version, new Map(Object.entries(content))),
  })),
)

interface Counts {
  readonly votes: number
  readonly views: number
  readonly likes: number
}

const NO_COUNTS: Counts = { votes: 0, views: 0, likes: 0 }

const node = fc.nat(4)
const subject = fc.constantFrom(...SUBJECTS)
/** So few values that writers set the same ones without knowing of each other. */
const patch = fc.record(
  {
    name: fc.constantFrom('a', 'b', null),
    done: fc.boolean(),
    votes: fc.integer({ min: -5, max: 5 }),
    views: fc.nat(5),
    tags: fc.constantFrom([], ['x']),
    late: fc.constantFrom('c', 'd'),
    likes: fc.integer({ min: -5, max: 5 }),
  },
  { requiredKeys: [] },
)
const step = fc.oneof(
  // A null that is written makes the same document with another first commit.
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('create'), node, subject, nulls: fc.constantFrom({}, { done: null }, { tags: null }) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('update'), node, subject, patch }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete'), node, subject }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('patch'), node, patched: fc.constant(true) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send'), node, from: node, percent: fc.constantFrom(30, 70, 100) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Steps that are taken at once, so that merges race with writes and with each other; then one node may be opened anew. */
const round = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 4 }), restarted: fc.option(node, { freq: 5 }) })

/** How many histories are tried; `WARREN_RUNS` asks for more. */
const RUNS = Number(process.env['WARREN_RUNS'] ?? 200)

describe('writers who exchange what they have', () => {
  it('end in the same records, heads and counts, whatever the history and the order of delivery', async () => {
    const history = fc.record({ writers: fc.integer({ min: 2, max: 5 }), rounds: fc.array(round, { maxLength: 15 }), seed: fc.nat() })
    await fc.assert(
      fc.asyncProperty(history, async ({ writers, rounds, seed }) => {
        const random = randomOf(seed)
        const nodes = await Promise.all(Array.from({ length: writers }, aNode))
        const written = new Map<string, Counts>()
        for (const { steps, restarted } of rounds) {
          await Promise.all(steps.map((taken) => take(nodes, taken, written, random)))
          if (restarted !== null) await restart(nodes, restarted % writers)
        }
        for (const { store } of nodes) await expectConsistent(store)
        for (const at of nodes) await patchOnce(at)
        for (const from of nodes) for (const to of nodes) await send(from, to, 100, random)

        const states = await Promise.all(nodes.map(({ store }) => stateOf(store)))
        for (const state of states) expect(state).toEqual(states[0])
        for (const { store } of nodes) await expectConsistent(store)
        for (const at of nodes) expect(await countsIn(at)).toEqual(await expectedCounts(at, written))
      }),
      { numRuns: RUNS, seed: testSeed() },
    )
  })
})

async function aNode(): Promise<TestNode> {
  return openTestNode(SCHEMA, { store: keptOpen(await openMemoryStore()) })
}

async function restart(nodes: TestNode[], index: number): Promise<void> {
  const { db, store } = nodeAt(nodes, index)
  await db.close()
  nodes[index] = await openTestNode(SCHEMA, { store })
}

function nodeAt(nodes: readonly TestNode[], index: number): TestNode {
  const found = nodes[index % nodes.length]
  if (found === undefined) throw new RangeError('there are no nodes')
  return found
}

/** Takes a step, and adds what it counted to the counts of its document. A step that the node refuses counts nothing. */
async function take(nodes: readonly TestNode[], taken: Step, written: Map<string, Counts>, random: Random): Promise<void> {
  const at = nodeAt(nodes, taken.node)
  if ('patched' in taken) {
    // Another step of this round may be patching this node, too.
    return patchOnce(at).catch((error: unknown) => {
      if (!isFailure(error, 'INVALID_SCHEMA')) throw error
    })
  }
  if ('from' in taken) return send(nodeAt(nodes, taken.from), at, taken.percent, random)
  const { collection, content, docID } = taken.subject
  const documents = at.db.collection(collection)
  try {
    if ('nulls' in taken) {
      await documents.create({ ...content, ...taken.nulls })
    } else if ('patch' in taken) {
      await documents.update(docID, taken.patch)
      const { votes, views, likes } = written.get(docID) ?? NO_COUNTS
      const { patch } = taken
      written.set(docID, {
        votes: votes + (patch.votes ?? 0),
        views: views + (patch.views ?? 0),
        likes: likes + (patch.likes ?? 0),
      })
    } else {
      await documents.delete(docID)
    }
  } catch (error) {
    // There already, not there (any more), of a name that another has, or with a field that this node does not know yet.
    const isExpected = isFailure(error) && ['ALREADY_EXISTS', 'NOT_FOUND', 'NOT_UNIQUE', 'INVALID_DOCUMENT'].includes(error.code)
    if (!isExpected) throw error
  }
}

async function patchOnce({ db }: TestNode): Promise<void> {
  const versions = await db.collections.describe()
  if (!versions.some(({ fields }) => fields.some(({ name }) => name === 'late'))) await db.schema.patch(PATCH)
}

/** Sends a share of what a node has, in any order, some of it twice. */
async function send(from: TestNode, to: TestNode, percent: number, random: Random): Promise<void> {
  for (const collectionId of from.replica.collectionIds()) {
    const documents = await from.replica.documentHeads(collectionId, { limit: 100 })
    const histories = await Promise.all(documents.map(({ docId }) => from.replica.commitsSince(collectionId, docId, [])))
    const sent = histories.flat().filter(() => random.below(100) < percent)
    const twice = sent.filter(() => random.below(100) < 20)
    await to.replica.merge(collectionId, random.shuffled([...sent, ...twice]), { peer: 'test' })
  }
}

/** What the counters of each document must show: the counts of all updates, and what it was created with. */
async function expectedCounts({ replica }: TestNode, written: ReadonlyMap<string, Counts>): Promise<readonly unknown[]> {
  const expected = SUBJECTS.map(async ({ collectionId, content, docID }) => {
    const first = (await replica.commitsSince(collectionId, docID, [])).filter(({ composite }) => composite.block.heads.length === 0)
    // Whoever creates it under the same version makes the same block, and that counts once.
    const versions = new Set(first.map(({ composite }) => composite.block.delta.schemaVersionId))
    const { votes, views, likes } = written.get(docID) ?? NO_COUNTS
    return versions.size === 0 ? [] : [{ docID, votes: votes + versions.size * content.votes, views, likes }]
  })
  return (await Promise.all(expected)).flat()
}

async function countsIn({ db }: TestNode): Promise<readonly unknown[]> {
  const found = SUBJECTS.map(async ({ collection, docID }) => {
    const document = await db.collection<Partial<Counts>>(collection).get(docID, { showDeleted: true })
    if (document === undefined) return []
    const { votes, views, likes } = document
    return [{ docID, votes: votes ?? 0, views: views ?? 0, likes: likes ?? 0 }]
  })
  return (await Promise.all(found)).flat()
}
