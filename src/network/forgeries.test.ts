import { expect, onTestFinished, test } from 'vitest'

import type { Commit } from '../block/block.ts'
import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import { isDocumentCommit, packReplicated } from '../block/replicated-commit.ts'
import { signCommit, signHistory, withoutSignatureBlocks } from '../block/signed-commit.testkit.ts'
import type { Database } from '../database/database.ts'
import { openTestNode } from '../database/database.testkit.ts'
import type { Replica } from '../database/replica.ts'
import { aForger, aSigner } from '../identity/signing.testkit.ts'
import { CUT_OFF_POINTS } from './limits.ts'
import { encodeMessage, GOSSIP_MESSAGES, HASH_BYTES, SESSION_BYTES, SYNC_MESSAGES, SYNC_PROTOCOL, type SyncBodies } from './messages.ts'
import { startTestNode, untilInSync, type TestNode } from './network.testkit.ts'
import type { NetworkTuning } from './network.ts'
import { POINTS } from './offences.ts'
import { newDocId } from './replica.testkit.ts'
import { aStranger, type Conversation, type Stranger } from './stranger.testkit.ts'
import { gossipTopic, topicOf } from './topics.ts'

const SCHEMA = 'type Card { name: String }'

/** A node with a database, which the other tests of the network do without. */
interface RealNode extends TestNode<Replica> {
  readonly db: Database
  readonly collectionId: string
  readonly address: string
  names(): Promise<readonly unknown[]>
}

async function aRealNode(tuning: NetworkTuning = {}): Promise<RealNode> {
  const { db, replica } = await openTestNode(SCHEMA)
  const node = await startTestNode(replica, { subscribe: 'all' }, tuning)
  onTestFinished(async () => {
    await node.close()
    await db.close()
  })
  const { addresses } = await node.network.p2p.info()
  const names = async (): Promise<readonly unknown[]> => {
    const { data } = await db.execute('{ Card(order: {name: ASC}) { name } }')
    return (data as { readonly Card: readonly { readonly name: string }[] }).Card.map(({ name }) => name)
  }
  const address = addresses.find((text) => text.includes('/tcp/')) ?? ''
  return { ...node, db, collectionId: replica.collectionIds()[0] ?? '', address, names }
}

/** The commits of a document that some node without a key has written. */
async function aHistory(...names: readonly string[]): Promise<readonly Commit[]> {
  const { db, replica } = await openTestNode(SCHEMA)
  const [first = '', ...others] = names
  const cards = db.collection('Card')
  const docID = await cards.create({ name: first })
  for (const name of others) await cards.update(docID, { name })
  const commits = await replica.commitsSince(replica.collectionIds()[0] ?? '', docID, [])
  await db.close()
  return commits.filter(isDocumentCommit)
}

const signer = aSigner()
const forger = aForger(signer)

async function aForgery(name: string): Promise<Uint8Array> {
  const [commit] = await aHistory(name)
  if (commit === undefined) throw new Error('there is no commit')
  return packReplicated(signCommit(commit, forger))
}

/** A stranger who has said hello and claims to have the node's collection. */
async function meet(
  node: RealNode,
): Promise<{ readonly stranger: Stranger; readonly talk: Conversation<SyncBodies>; readonly topic: Uint8Array }> {
  const stranger = await aStranger({ leading: node.id })
  onTestFinished(() => stranger.close())
  const topic = topicOf(node.collectionId, '')
  const talk = await stranger.speak(node.address, SYNC_PROTOCOL, SYNC_MESSAGES)
  talk.say({
    type: 'hello',
    session: new Uint8Array(SESSION_BYTES),
    interests: [{ topic, root: new Uint8Array(HASH_BYTES).fill(1), role: 0 }],
  })
  await talk.until(({ type }) => type === 'compare')
  return { stranger, talk, topic }
}

function droppedBy(node: RealNode): readonly { readonly id: string; readonly reason: string }[] {
  return node.told.flatMap((told) => (told.name === 'peer:dropped' ? [told.detail] : []))
}

test('a peer that sends forged signatures is counted, and in the end cut off', async () => {
  const node = await aRealNode()
  const { stranger, talk, topic } = await meet(node)
  const [good] = signHistory(await aHistory('good'), signer)
  if (good === undefined) throw new Error('there is no commit')
  talk.say({ type: 'commits', request: 0, topic, commits: [await aForgery('forged'), packReplicated(good)] })
  await node.until('the good one', async () => (await node.names()).includes('good'))
  expect(droppedBy(node)).toEqual([
    { id: stranger.id, reason: expect.stringMatching(/of document "bae-.*" is forged: it was not made with the EdDSA key/) },
  ])
  expect(await node.network.p2p.peers()).toMatchObject([{ id: stranger.id, dropped: 1 }])

  // One more than it takes: a point may have been forgiven meanwhile.
  const others = await Promise.all(Array.from({ length: CUT_OFF_POINTS / POINTS.forged }, (_, index) => aForgery(`forged ${index}`)))
  for (const commit of others) talk.say({ type: 'commits', request: 0, topic, commits: [commit] })
  await talk.ended
  await node.until('cut off', async () => (await node.network.p2p.peers()).length === 0)
  await expect(stranger.speak(node.address, SYNC_PROTOCOL, SYNC_MESSAGES)).rejects.toThrow()
  expect(await node.names()).toEqual(['good'])
})

test('a peer that claims documents whose content is another is cut off', async () => {
  const node = await aRealNode()
  const { stranger, talk, topic } = await meet(node)
  const [commit] = await aHistory('claimed')
  if (commit === undefined) throw new Error('there is no commit')
  for (let index = 0; index <= CUT_OFF_POINTS / POINTS.forged; index++) {
    talk.say({ type: 'commits', request: 0, topic, commits: [packReplicated(asDocument(commit, newDocId()))] })
  }
  await talk.ended
  await node.until('cut off', async () => (await node.network.p2p.peers()).length === 0)
  expect(await node.network.p2p.refused()).toMatchObject([
    { id: stranger.id, reason: expect.stringMatching(/document ID "bae-.*" is not that of its content/) },
  ])
  expect(await node.names()).toEqual([])
})

test('nodes that pass on what others have signed are not counted, whatever became of the signatures on the way', async () => {
  const [a, b, c] = [await aRealNode(), await aRealNode(), await aRealNode()]
  const histories = [
    signHistory(await aHistory('1 EdDSA', '2 EdDSA'), signer),
    signHistory(await aHistory('3 ES256K', '4 ES256K'), aSigner('ES256K')),
    signHistory(await aHistory('5 unknown'), { ...signer, sign: (message) => ({ ...signer.sign(message), type: 'ES512' }) }),
    signHistory(await aHistory('6 left out'), forger).map(withoutSignatureBlocks),
  ]
  await a.replica.merge(a.collectionId, histories.flat(), { peer: 'somebody' })
  await b.network.p2p.connect(a.address)
  await untilInSync(a, b)
  await c.network.p2p.connect(b.address)
  await untilInSync(b, c)
  expect(await c.names()).toEqual(['2 EdDSA', '4 ES256K', '5 unknown', '6 left out'])
  // And live.
  const live = signHistory(await aHistory('7 live'), signer)
  await a.replica.merge(a.collectionId, live, { peer: 'somebody' })
  await c.until('the live one', async () => (await c.names()).includes('7 live'))
  for (const { composite } of [...histories, live].flatMap((history) => history.filter(({ signatures }) => signatures !== undefined))) {
    const stored = await c.replica.commitsSince(c.collectionId, composite.block.delta.docId, [])
    expect(stored.every(({ signatures }) => signatures !== undefined)).toBe(true)
  }
  expect([a, b, c].flatMap(droppedBy)).toEqual([])
})

test('gossip passes no forged signature on, so only the one who made it is counted', async () => {
  const [b, c] = [await aRealNode({ crowd: 0 }), await aRealNode({ crowd: 0 })]
  const { stranger, topic } = await meet(b)
  const name = gossipTopic(topic)
  await c.network.p2p.connect(b.address)
  await untilInSync(b, c)
  stranger.node.services.gossip.subscribe(name)
  await expect.poll(() => stranger.node.services.gossip.getSubscribers(name).map(String)).toEqual([b.id])
  await expect.poll(() => c.host.node.services.gossip.getSubscribers(name).map(String)).toContain(b.id)
  const publish = (commits: readonly Uint8Array[]): Promise<unknown> =>
    stranger.node.services.gossip.publish(name, encodeMessage(GOSSIP_MESSAGES, { type: 'commits', commits }))
  await publish([await aForgery('forged')])
  await b.until('the drop', () => droppedBy(b).length === 1)
  await publish(signHistory(await aHistory('good'), signer).map(packReplicated))
  await c.until('the good one', async () => (await c.names()).includes('good'))
  expect(droppedBy(b).map(({ id }) => id)).toEqual([stranger.id])
  expect(droppedBy(c)).toEqual([])
  expect([await b.names(), await c.names()]).toEqual([['good'], ['good']])
})

/** The same content under another document ID. */
function asDocument({ composite, fields }: Commit, docId: string): Commit {
  const { delta } = composite.block
  if (delta.kind !== 'composite') throw new Error('a commit has a composite')
  const renamed = fields.map(({ block }) => sealBlock({ ...block, delta: { ...block.delta, docId } }))
  return sealCommit({ ...delta, docId }, [], renamed)
}
