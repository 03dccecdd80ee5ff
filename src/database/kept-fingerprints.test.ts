import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { bytesToHex } from '../util/bytes.ts'
import { randomOf, testSeed } from '../util/seed.testkit.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, keptOpen, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'
import { freshFingerprints } from './fingerprint-consistency.testkit.ts'

const SCHEMA = 'type Note { text: String } type Page @branchable { text: String }'

function idOf({ replica }: TestNode, name: string): string {
  return replica.collectionIds().find((id) => replica.collectionName(id) === name) ?? ''
}

async function expectFresh(node: TestNode): Promise<void> {
  for (const name of ['Note', 'Page']) {
    const collectionId = idOf(node, name)
    const { root, buckets, parts } = await node.replica.fingerprints(collectionId)
    const fresh = await freshFingerprints(node.store, collectionId)
    expect(bytesToHex(root)).toBe(bytesToHex(fresh.root))
    expect([bytesToHex(buckets), bytesToHex(parts)]).toEqual([bytesToHex(fresh.buckets), bytesToHex(fresh.parts)])
  }
  await expectConsistent(node.store)
}

function notes(count: number, from = 0): readonly { readonly text: string }[] {
  return Array.from({ length: count }, (_, index) => ({ text: `note ${from + index}` }))
}

describe('kept fingerprints', () => {
  it('are those of the documents after any writes, merges and reopenings', async () => {
    const seed = testSeed()
    const random = randomOf(seed)
    const stores = await Promise.all([openMemoryStore(), openMemoryStore()])
    let nodes = await Promise.all(stores.map((store) => openTestNode(SCHEMA, { store: keptOpen(store) })))
    for (let step = 0; step < 60; step++) {
      const node = nodes[random.below(2)]
      const other = nodes.find((candidate) => candidate !== node)
      if (node === undefined || other === undefined) throw new Error('there are two nodes')
      const name = ['Note', 'Page'][random.below(2)] ?? ''
      const collection = node.db.collection(name)
      const ids = await Array.fromAsync(collection.docIDs())
      const some = ids[random.below(ids.length || 1)]
      const turn = random.below(7)
      if (turn <= 1) await collection.create(notes(1 + random.below(40), step * 1000))
      else if (turn === 2 && some !== undefined) await collection.update(some, { text: `changed ${step}` })
      else if (turn === 3 && some !== undefined) await collection.delete(some)
      else if (turn === 4) await deliver(node, other, (commits) => random.shuffled(commits))
      else if (turn === 5) await node.replica.fingerprints(idOf(node, name))
      else if (turn === 6) {
        await node.db.close()
        const index = nodes.indexOf(node)
        const reopened = await openTestNode(SCHEMA, { store: keptOpen(stores[index] ?? (await openMemoryStore())) })
        nodes = nodes.map((candidate) => (candidate === node ? reopened : candidate))
      }
      if (step % 10 === 0) for (const each of nodes) await expectFresh(each)
    }
    for (const each of nodes) await expectFresh(each)
  })

  it('are there when asked in the middle of writes, each at least as new as the call', async () => {
    const node = await openTestNode(SCHEMA)
    const collectionId = idOf(node, 'Note')
    const roots: Promise<unknown>[] = []
    for (const note of notes(50)) {
      roots.push(node.replica.fingerprints(collectionId))
      await node.db.collection('Note').create(note)
    }
    await Promise.all(roots)
    await expectFresh(node)
  })

  it('cost a write nothing before anybody asked, then a record for each bucket it changes, once', async () => {
    const node = await openTestNode(SCHEMA)
    const stored = async (): Promise<number> => (await node.store.scan({})).length
    const empty = await stored()
    await node.db.collection('Note').create({ text: 'first' })
    const perDocument = (await stored()) - empty
    await node.replica.fingerprints(idOf(node, 'Note'))
    const before = await stored()
    const docId = await node.db.collection('Note').create({ text: 'second' })
    expect((await stored()) - before).toBe(perDocument + 1)
    // Another commit of the same document: the bucket is marked already.
    await node.db.collection('Note').update(docId, { text: 'changed' })
    expect((await stored()) - before).toBe(perDocument + 2)
  })

  it('are read without a document after reopening, and after one change with those of one bucket', async () => {
    const kept = await openMemoryStore()
    const node = await openTestNode(SCHEMA, { store: keptOpen(kept) })
    await node.db.collection('Note').create(notes(2000))
    const { root } = await node.replica.fingerprints(idOf(node, 'Note'))
    await node.db.close()

    let entries = 0
    const counted = watchedStore(keptOpen(kept))
    const scan = counted.scan
    counted.scan = async (...range: Parameters<typeof scan>) => {
      const found = await scan(...range)
      entries += found.filter(({ key }) => key[0] === 0x10).length
      return found
    }
    const again = await openTestNode(SCHEMA, { store: counted })
    expect((await again.replica.fingerprints(idOf(again, 'Note'))).root).toEqual(root)
    expect(entries).toBe(0)
    counted.reads = 0
    await again.replica.fingerprints(idOf(again, 'Note'))
    expect(counted.reads).toBe(0)
    await again.db.collection('Note').create({ text: 'one more' })
    entries = 0
    await again.replica.fingerprints(idOf(again, 'Note'))
    expect(entries).toBeLessThan(40)
    await expectFresh(again)
  })

  it('of many documents are made in several writes, with others in between', async () => {
    const node = await openTestNode(SCHEMA)
    await node.db.collection('Note').create(notes(5000))
    const made = node.replica.fingerprints(idOf(node, 'Note'))
    const order: string[] = []
    await Promise.all([
      made.then(() => order.push('fingerprints')),
      (async () => {
        await node.replica.setSetting('one', Uint8Array.of(1))
        order.push('setting')
      })(),
    ])
    expect(order).toEqual(['setting', 'fingerprints'])
    await expectFresh(node)
  })
})
