import { afterEach, describe, expect, it } from 'vitest'

import { startRelay, type Relay } from '../relay/relay.ts'
import { openDatabase, type Database } from '../src/index.node.ts'

const SCHEMA = 'type Page @branchable { title: String edits: Int @crdt(type: pncounter) }'
const HISTORY = '{ commits(order: [{height: ASC}, {cid: ASC}]) { cid height docID fieldName links { cid name } } }'

const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

async function aRelay(): Promise<Relay> {
  const relay = await startRelay({ host: '127.0.0.1', port: 0 })
  open.push(relay)
  return relay
}

async function aNode(relay: Relay): Promise<Database> {
  const node = await openDatabase({ storage: 'memory', schema: SCHEMA, p2p: { relays: relay.addresses, subscribe: 'all' } })
  open.push(node)
  return node
}

/** Looks again after each change that arrives, until `check` holds on both. The test's own limit of time ends the wait. */
async function untilEqual(a: Database, b: Database, request: string): Promise<unknown> {
  for (;;) {
    const arrived = Promise.race([a, b].map(nextChange))
    const [left, right] = [await a.execute(request), await b.execute(request)]
    if (JSON.stringify(left) === JSON.stringify(right)) return left.data
    await arrived
  }
}

function nextChange(db: Database): Promise<void> {
  return new Promise((resolve) => {
    // A collection's own blocks come without an event of a document; peers tell of it when they are in sync.
    for (const name of ['merge', 'update', 'peer:change'] as const) db.events.addEventListener(name, () => resolve(), { once: true })
  })
}

describe('two nodes and a relay', () => {
  it('have the same documents and the same history of a branchable collection, old and new', async () => {
    const relay = await aRelay()
    const a = await aNode(relay)
    const pages = a.collection('Page')
    const [docID = ''] = await pages.create([{ title: 'one', edits: 1 }, { title: 'two' }])
    await pages.update(docID, { edits: 2 })
    const b = await aNode(relay)
    await untilEqual(a, b, HISTORY)
    expect(await b.collection('Page').get(docID)).toMatchObject({ title: 'one', edits: 3 })

    await Promise.all([pages.update(docID, { edits: 10 }), b.collection('Page').update(docID, { edits: 100 })])
    const data = await untilEqual(a, b, `{ Page(docID: "${docID}") { edits _version { cid } } commits { cid } }`)
    expect(data).toMatchObject({ Page: [{ edits: 113 }] })
  })
})
