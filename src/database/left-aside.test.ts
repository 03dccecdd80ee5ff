import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { deliver, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'

const CARD = 'type Card { name: String }'
const EMAIL = addField('email', 'String')
const VOTES = addField('votes', 'Int', 4)

function addField(name: string, kind: string, typ = 1): object {
  return { op: 'add', path: `/Card/Fields/${name}`, value: { Kind: kind, Typ: typ } }
}

const openNodes = (count: number): Promise<readonly TestNode[]> => Promise.all(Array.from({ length: count }, () => openTestNode(CARD)))

/** Nodes of which the first `patched` have the fields. */
async function nodesWith(patched: number, count: number, ...patch: readonly object[]): Promise<readonly [TestNode, TestNode, TestNode]> {
  const nodes = await openNodes(Math.max(count, 3))
  for (const { db } of nodes.slice(0, patched)) await db.schema.patch(patch)
  const [a, b, c] = nodes
  if (a === undefined || b === undefined || c === undefined) throw new Error('three nodes were to be here')
  return [a, b, c]
}

/** Every document's state with its heads, in a form that can be compared. */
async function statesOf({ store, replica }: TestNode): Promise<unknown> {
  const [collectionId = ''] = replica.collectionIds()
  const entries = await store.scan(keys.documentsOf(collectionId))
  return entries.map(({ key, value }) => {
    const { status, heads, fields } = decodeRecord(value)
    const states = [...fields].map(([name, { data, priority, heads: own }]) => ({ name, data, priority, own }))
    return { docId: keys.docIdOf(key), status, heads, fields: states.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
  })
}

async function marksOf({ store, replica }: TestNode): Promise<number> {
  const [collectionId = ''] = replica.collectionIds()
  return (await store.scan(keys.leftAsideOf(collectionId))).length
}

const versionIds = async ({ db }: TestNode): Promise<readonly string[]> =>
  (await db.collections.describe({ includeInactive: true })).map(({ versionId }) => versionId)

const activeId = async ({ db }: TestNode): Promise<string> => (await db.collections.describe())[0]?.versionId ?? ''

describe('a field that a node does not know yet', () => {
  it('is kept, and is there as soon as the schema has it, as on a node that had it from the beginning', async () => {
    const [patched, late, early] = await nodesWith(1, 3, EMAIL)
    await early.db.schema.patch([EMAIL])
    const docID = await patched.db.collection('Card').create({ name: 'n', email: 'old' })
    await patched.db.collection('Card').update(docID, { email: 'new' })
    for (const node of [late, early]) await deliver(patched, node)
    expect(await late.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: 'n' })
    expect((await late.db.execute('{ Card { email } }')).errors?.[0]?.message).toMatch('Cannot query field "email"')
    expect(await marksOf(late)).toBe(2)

    await late.db.schema.patch([EMAIL])
    expect(await late.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: 'n', email: 'new' })
    expect(await late.db.execute('{ Card { email } }')).toEqual({ data: { Card: [{ email: 'new' }] } })
    expect(await statesOf(late)).toEqual(await statesOf(early))
    expect(await marksOf(late)).toBe(0)
  })

  it('is passed on by a node that does not know it', async () => {
    const [patched, between, last] = await nodesWith(1, 3, EMAIL)
    await last.db.schema.patch([EMAIL])
    const docID = await patched.db.collection('Card').create({ name: 'n', email: 'e' })
    await deliver(patched, between)
    await between.db.collection('Card').update(docID, { name: 'm' })
    await deliver(between, last)
    expect(await last.db.collection('Card').get(docID)).toMatchObject({ name: 'm', email: 'e' })
  })

  it('counts once, whatever is delivered again and however often versions change', async () => {
    const [patched, late] = await nodesWith(1, 2, VOTES)
    const docID = await patched.db.collection('Card').create({ name: 'n', votes: 1 })
    await patched.db.collection('Card').update(docID, { votes: 10 })
    await deliver(patched, late)
    const first = await activeId(late)
    await late.db.schema.patch([VOTES])
    const second = await activeId(late)
    await deliver(patched, late)
    await late.db.schema.setActive(first)
    await patched.db.collection('Card').update(docID, { votes: 100 })
    await deliver(patched, late)
    expect(await late.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: 'n' })
    for (const version of [second, first, second]) await late.db.schema.setActive(version)
    expect(await late.db.collection('Card').get(docID)).toMatchObject({ votes: 111 })
    expect(await statesOf(late)).toEqual(await statesOf(patched))
    expect(await marksOf(late)).toBe(0)
  })

  it('waits until a version has it, while others come and go', async () => {
    const [patched, late] = await nodesWith(1, 2, EMAIL, VOTES)
    const docID = await patched.db.collection('Card').create({ name: 'n', email: 'e', votes: 2 })
    await deliver(patched, late)
    await late.db.schema.patch([addField('other', 'Int')])
    expect(await marksOf(late)).toBe(1)
    await late.db.schema.patch([EMAIL])
    expect(await late.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: 'n', email: 'e', other: null })
    expect(await marksOf(late)).toBe(1)
    await late.db.schema.patch([VOTES])
    expect(await late.db.collection('Card').get(docID)).toMatchObject({ email: 'e', votes: 2 })
    expect(await marksOf(late)).toBe(0)
  })

  it('is merged when a patch of collections activates the version, too', async () => {
    const [patched, late] = await nodesWith(1, 2, EMAIL)
    const docID = await patched.db.collection('Card').create({ name: 'n', email: 'e' })
    await deliver(patched, late)
    const [added] = await late.db.schema.patch([EMAIL], { setActive: false })
    expect(await late.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: 'n' })
    const flag = (id: string, value: boolean): object => ({ op: 'replace', path: `/${id}/IsActive`, value })
    await late.db.collections.patch([flag(await activeId(late), false), flag(added?.versionId ?? '', true)])
    expect(await late.db.collection('Card').get(docID)).toMatchObject({ email: 'e' })
  })

  it('is merged with a transaction that knows it, or not at all', async () => {
    const [patched, late] = await nodesWith(1, 2, EMAIL)
    const docID = await patched.db.collection('Card').create({ name: 'n', email: 'e' })
    await deliver(patched, late)
    const before = await late.store.scan({})
    const discarded = await late.db.beginTransaction()
    await discarded.schema.patch([EMAIL])
    expect(await discarded.collection('Card').get(docID)).toMatchObject({ email: 'e' })
    await discarded.discard()
    expect(await late.store.scan({})).toEqual(before)
    const raced = await late.db.beginTransaction()
    await raced.schema.patch([EMAIL])
    await patched.db.collection('Card').update(docID, { email: 'newer' })
    await deliver(patched, late)
    await expect(raced.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
    await late.db.transaction((tx) => tx.schema.patch([EMAIL]))
    expect(await late.db.collection('Card').get(docID)).toMatchObject({ email: 'newer' })
  })

  it('is merged in several writes where there is much of it; when one of them fails, the next try does the rest', async () => {
    const store = watchedStore(await openMemoryStore())
    let last = Infinity
    const apply: typeof store.apply = (changes) =>
      store.applies < last ? store.apply(changes) : Promise.reject(new Error('the store fails'))
    const [patched, late] = [await openTestNode(CARD), await openTestNode(CARD, { store: { ...store, apply } })]
    await patched.db.schema.patch([VOTES])
    const cards = patched.db.collection('Card')
    await cards.create(Array.from({ length: 1_200 }, (_, index) => ({ name: `n${index}`, votes: 1 })))
    await deliver(patched, late)
    last = store.applies + 1
    await expect(late.db.schema.patch([VOTES])).rejects.toThrow('the store fails')
    expect([await marksOf(late), (await versionIds(late)).length]).toEqual([700, 1])
    const before = store.applies
    last = Infinity
    await late.db.schema.patch([VOTES])
    expect(store.applies - before).toBe(2)
    expect(await statesOf(late)).toEqual(await statesOf(patched))
    expect(await marksOf(late)).toBe(0)
  })
})

describe('a field that is encrypted', () => {
  it('is kept and passed on, and not taken for its value', async () => {
    const [writer, between, last] = await nodesWith(0, 3)
    const docID = await writer.db.collection('Card').create({ name: 'n' })
    const [collectionId = ''] = writer.replica.collectionIds()
    const commits = (await writer.replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit).map(({ composite, fields }) => {
      const sealed = fields.map(({ block }) => sealBlock({ ...block, encryption: composite.cid }))
      return sealCommit(composite.block.delta, composite.block.heads, sealed)
    })
    expect(await between.replica.merge(collectionId, commits, {})).toMatchObject({ merged: 1, rejected: [] })
    await deliver(between, last)
    for (const node of [between, last]) {
      expect(await node.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: null })
      expect(await marksOf(node)).toBe(1)
      expect(await node.replica.commitsSince(collectionId, docID, [])).toMatchObject(commits)
    }
  })
})

describe('two versions that have one field as different things', () => {
  const NUMBER = addField('rank', 'Int')
  const TEXT = addField('rank', 'String')

  it('each see their own values, and none of the other', async () => {
    const [numbers, texts] = await nodesWith(1, 2, NUMBER)
    await texts.db.schema.patch([TEXT])
    const docID = await numbers.db.collection('Card').create({ name: 'n', rank: 7 })
    await deliver(numbers, texts)
    expect(await texts.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: 'n', rank: null })
    await texts.db.collection('Card').update(docID, { rank: 'first' })
    await deliver(texts, numbers)
    expect(await numbers.db.execute('{ Card { rank } }')).toEqual({ data: { Card: [{ rank: 7 }] } })
    expect(await texts.db.execute('{ Card { rank } }')).toEqual({ data: { Card: [{ rank: 'first' }] } })
  })

  it('lose nothing when a node goes from one to the other and back', async () => {
    const [node] = await openNodes(1)
    if (node === undefined) throw new Error('a node was to be here')
    const root = await activeId(node)
    await node.db.schema.patch([NUMBER])
    const numbers = await activeId(node)
    const docID = await node.db.collection('Card').create({ name: 'n', rank: 7 })
    await node.db.schema.setActive(root)
    await node.db.schema.patch([TEXT])
    expect(await node.db.collection('Card').get(docID)).toMatchObject({ rank: null })
    expect(await node.db.execute('{ Card(filter: {rank: {_eq: "x"}}) { rank } }')).toEqual({ data: { Card: [] } })
    await node.db.collection('Card').update(docID, { rank: 'first' })
    expect(await node.db.collection('Card').get(docID)).toMatchObject({ rank: 'first' })
    await node.db.schema.setActive(numbers)
    expect(await node.db.collection('Card').get(docID)).toMatchObject({ rank: 7 })
  })
})

describe('nodes at different versions', () => {
  it('end in the same state and heads, whatever they write and in whatever order it arrives', async () => {
    const node = fc.nat(2)
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), node, field: fc.constantFrom('name', 'email', 'votes'), value: fc.nat(9) }),
      fc.record({ kind: fc.constant('exchange' as const), from: node, to: node }),
      fc.record({ kind: fc.constant('patch' as const), node }),
      fc.record({ kind: fc.constant('switch' as const), node, version: fc.nat(2) }),
      fc.record({ kind: fc.constant('delete' as const), node, chance: fc.nat(5) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.infiniteStream(fc.nat()), async (steps, random) => {
        const nodes = await openNodes(3)
        const at = (index: number): TestNode => nodes[index] ?? nodes[0] ?? fail()
        const shuffle = <T>(items: readonly T[]): readonly T[] =>
          [...items, ...items.slice(0, 2)]
            .map((item) => ({ item, rank: random.next().value }))
            .toSorted((x, y) => x.rank - y.rank)
            .map(({ item }) => item)
        const docIDs = await Promise.all(nodes.map(({ db }) => db.collection('Card').create({ name: 'start' })))
        const docID = docIDs[0] ?? ''
        const patchNext = async (target: TestNode): Promise<void> => {
          const [version] = await target.db.collections.describe()
          const patch = [EMAIL, VOTES][(version?.fields.length ?? 0) - 2]
          if (patch !== undefined) await target.db.schema.patch([patch])
        }
        for (const now of steps) {
          switch (now.kind) {
            case 'write':
              await writeKnown(at(now.node), docID, now.field, now.value)
              break
            case 'exchange':
              await deliver(at(now.from), at(now.to), shuffle)
              break
            case 'patch':
              await patchNext(at(now.node))
              break
            case 'switch':
              await at(now.node).db.schema.setActive((await versionIds(at(now.node)))[now.version] ?? (await activeId(at(now.node))))
              break
            case 'delete':
              if (now.chance === 0) await at(now.node).db.collection('Card').delete(docID)
              break
          }
        }
        for (const from of nodes) for (const to of nodes) await deliver(from, to, shuffle)
        for (const target of nodes) {
          await patchNext(target)
          await patchNext(target)
        }
        const states = await Promise.all(nodes.map(statesOf))
        for (const state of states) expect(state).toEqual(states[0])
        expect(await Promise.all(nodes.map(marksOf))).toEqual([0, 0, 0])
        const late = await openTestNode(CARD)
        await late.db.schema.patch([EMAIL])
        await late.db.schema.patch([VOTES])
        await deliver(at(0), late, shuffle)
        expect(await statesOf(late)).toEqual(states[0])
      }),
      { numRuns: 60 },
    )
  })
})

/** Writes a field where the node has the document and its active version the field. */
async function writeKnown({ db }: TestNode, docID: string, field: string, value: number): Promise<void> {
  const [version] = await db.collections.describe()
  if (version?.fields.every(({ name }) => name !== field) !== false) return
  if ((await db.collection('Card').get(docID)) === undefined) return
  await db.collection('Card').update(docID, { [field]: field === 'votes' ? value : String(value) })
}

function fail(): never {
  throw new Error('there is a node')
}
