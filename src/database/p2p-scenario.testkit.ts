import { expect } from 'vitest'

import { cidKey } from '../block/cid.ts'
import { messageOf } from '../errors.ts'
import { expectConsistent } from './consistency.testkit.ts'
import type { TestNode } from './database.testkit.ts'
import type { DeliveryOrder } from './delivery-order.testkit.ts'
import { expectResults } from './expected-results.testkit.ts'
import { openScenarioNetwork, type ScenarioNetwork } from './scenario-network.testkit.ts'

/** What several nodes do, and what they must show. */
export interface Scenario {
  readonly source: { readonly file: string; readonly test: string }
  readonly nodes: number
  readonly actions: readonly Action[]
}

/** Collections and documents are named by the order in which the scenario makes them; -1 names none. An action without `NodeID` is done by every node. */
export type Action =
  | { readonly op: 'AddSchema'; readonly NodeID?: number; readonly Schema: string }
  | { readonly op: 'SchemaPatch'; readonly NodeID?: number; readonly Patch: string }
  | { readonly op: 'CreateDoc'; readonly NodeID?: number; readonly CollectionID?: number; readonly Doc?: string; readonly DocMap?: object }
  | { readonly op: 'UpdateDoc'; readonly NodeID?: number; readonly CollectionID?: number; readonly DocID?: number; readonly Doc: string }
  | { readonly op: 'DeleteDoc'; readonly NodeID?: number; readonly CollectionID?: number; readonly DocID?: number }
  | {
      readonly op: 'ConnectPeers' | 'ConfigureReplicator' | 'DeleteReplicator'
      readonly SourceNodeID: number
      readonly TargetNodeID: number
    }
  | {
      readonly op: 'SubscribeToCollection' | 'UnsubscribeToCollection'
      readonly NodeID: number
      readonly CollectionIDs: readonly number[]
      readonly ExpectedError?: string
    }
  | {
      readonly op: 'SubscribeToDocument' | 'UnsubscribeToDocument'
      readonly NodeID: number
      readonly DocIDs: readonly (readonly [collection: number, document: number])[]
      readonly ExpectedError?: string
    }
  | { readonly op: 'SyncDocs'; readonly NodeID: number; readonly CollectionID?: number; readonly DocIDs: readonly number[] }
  | { readonly op: 'Close' | 'Start'; readonly NodeID: number }
  | { readonly op: 'Restart' | 'WaitForSync' }
  | { readonly op: 'Request'; readonly NodeID?: number; readonly Request: string; readonly Results: unknown }
  | { readonly op: 'GetAllP2PCollections'; readonly NodeID: number; readonly ExpectedCollectionIDs: readonly number[] }
  | { readonly op: 'GetAllP2PDocuments'; readonly NodeID: number; readonly ExpectedDocIDs: readonly (readonly [number, number])[] }

/**
 * Plays a scenario. Each request must give what is expected, and in the end each node has exactly the commits that must have come to it and the state that follows
 * from them; when those who have a document then exchange it, all have the same.
 * @returns how many messages were sent
 */
export async function playScenario(scenario: Scenario, order: DeliveryOrder): Promise<number> {
  const network = await openScenarioNetwork(scenario.nodes, order)
  const made: Made = { collections: [], documents: [] }
  try {
    for (const action of scenario.actions) {
      await act(network, made, action)
      await network.somethingArrives()
    }
    await network.everythingArrives()
    const sent = network.sent()
    await expectDelivered(network)
    await expectConvergence(network)
    return sent
  } catch (error) {
    throw new Error(`${order.name}: ${messageOf(error)}`, { cause: error })
  } finally {
    await network.close()
  }
}

/** What the scenario has made so far, in its order. */
interface Made {
  readonly collections: string[]
  /** IDs of documents by the index of their collection. */
  readonly documents: string[][]
}

async function act(network: ScenarioNetwork, made: Made, action: Action): Promise<void> {
  const acting = (index: number | undefined): readonly TestNode[] =>
    index === undefined ? Array.from({ length: network.size }, (_, each) => network.node(each)) : [network.node(index)]
  const collectionOf = (node: TestNode, index = 0): ReturnType<TestNode['db']['collection']> =>
    node.db.collection(made.collections[index] ?? `number ${index}`)
  const documentOf = (collection = 0, index = 0): string => made.documents[collection]?.[index] ?? `number ${index}`

  switch (action.op) {
    case 'AddSchema':
      for (const { db } of acting(action.NodeID)) await db.schema.add(action.Schema)
      made.collections.push(...namesIn(action.Schema).filter((name) => !made.collections.includes(name)))
      return
    case 'SchemaPatch':
      for (const { db } of acting(action.NodeID)) await db.schema.patch(action.Patch)
      return
    case 'CreateDoc': {
      const document = parseDocument(action.Doc, action.DocMap)
      const ids = new Set<string>()
      for (const node of acting(action.NodeID)) ids.add(await collectionOf(node, action.CollectionID).create(document))
      expect(ids.size, 'IDs of one document').toBe(1)
      const documents = (made.documents[action.CollectionID ?? 0] ??= [])
      documents.push(...ids)
      return
    }
    case 'UpdateDoc':
      for (const node of acting(action.NodeID)) {
        await collectionOf(node, action.CollectionID).update(documentOf(action.CollectionID, action.DocID), parseDocument(action.Doc))
      }
      return
    case 'DeleteDoc':
      for (const node of acting(action.NodeID)) {
        expect(await collectionOf(node, action.CollectionID).delete(documentOf(action.CollectionID, action.DocID))).toBe(true)
      }
      return
    case 'ConnectPeers':
      return network.connect(action.SourceNodeID, action.TargetNodeID)
    case 'ConfigureReplicator':
      return network.setReplicator(action.SourceNodeID, action.TargetNodeID)
    case 'DeleteReplicator':
      return network.deleteReplicator(action.SourceNodeID, action.TargetNodeID)
    case 'SubscribeToCollection':
    case 'UnsubscribeToCollection': {
      const ids = action.CollectionIDs.map((index) => collectionIdOf(network.node(action.NodeID), made.collections[index] ?? ''))
      const change = action.op === 'SubscribeToCollection' ? network.subscribeToCollections : network.unsubscribeFromCollections
      return expectOutcome(change(action.NodeID, ids), action.ExpectedError)
    }
    case 'SubscribeToDocument':
    case 'UnsubscribeToDocument': {
      const ids = action.DocIDs.map(([collection, document]) => documentOf(collection, document))
      const change = action.op === 'SubscribeToDocument' ? network.subscribeToDocuments : network.unsubscribeFromDocuments
      return expectOutcome(change(action.NodeID, ids), action.ExpectedError)
    }
    case 'SyncDocs': {
      const collectionId = collectionIdOf(network.node(action.NodeID), made.collections[action.CollectionID ?? 0] ?? '')
      const ids = action.DocIDs.map((index) => documentOf(action.CollectionID, index))
      return network.syncDocuments(action.NodeID, collectionId, ids)
    }
    case 'Close':
      return network.stop(action.NodeID)
    case 'Start':
      return network.start(action.NodeID)
    case 'Restart':
      for (let index = 0; index < network.size; index++) await network.stop(index)
      for (let index = 0; index < network.size; index++) await network.start(index)
      return
    case 'WaitForSync':
      return network.everythingArrives()
    case 'Request': {
      const results = await Promise.all(acting(action.NodeID).map(({ db }) => db.execute(action.Request)))
      expect(results.flatMap(({ errors }) => errors ?? [])).toEqual([])
      return expectResults(
        results.map(({ data }) => data),
        action.Results,
        documentOf,
      )
    }
    case 'GetAllP2PDocuments': {
      const { documents } = await network.subscriptions(action.NodeID)
      const expected = action.ExpectedDocIDs.map(([collection, document]) => documentOf(collection, document))
      return expect(documents.toSorted()).toEqual(expected.toSorted())
    }
    case 'GetAllP2PCollections': {
      const { collections } = await network.subscriptions(action.NodeID)
      const expected = action.ExpectedCollectionIDs.map((index) =>
        collectionIdOf(network.node(action.NodeID), made.collections[index] ?? ''),
      )
      return expect(collections.toSorted()).toEqual(expected.toSorted())
    }
  }
}

/** The names of an SDL text's types, in its order. */
function namesIn(sdl: string): readonly string[] {
  return [...sdl.matchAll(/\btype\s+(\w+)/g)].map(([, name = '']) => name)
}

function parseDocument(text: string | undefined, given?: object): object {
  const document: object = text === undefined ? (given ?? {}) : JSON.parse(text)
  return document
}

function collectionIdOf({ replica }: TestNode, name: string): string {
  return replica.collectionIds().find((id) => replica.collectionName(id) === name) ?? `of "${name}"`
}

async function expectOutcome(change: Promise<void>, expectedError: string | undefined): Promise<void> {
  const isRefused = await change.then(
    () => false,
    () => true,
  )
  expect(isRefused, `refused, as it must be with "${expectedError}"`).toBe(expectedError !== undefined)
}

/** Each node has the commits that it must have and no others, and everything it has follows from them. */
async function expectDelivered(network: ScenarioNetwork): Promise<void> {
  for (let index = 0; index < network.size; index++) {
    const node = network.node(index)
    await expectConsistent(node.store)
    const found = new Map<string, readonly string[]>()
    for (const { key, collectionId, docId } of await documentsOf(node)) {
      const commits = await node.replica.commitsSince(collectionId, docId, [])
      found.set(key, commits.map(({ composite }) => cidKey(composite.cid)).toSorted())
    }
    const expected = [...network.expectedCommits(index)].map(([key, cids]): [string, readonly string[]] => [key, [...cids].toSorted()])
    expect(found, `commits of node ${index}`).toEqual(new Map(expected))
  }
}

/** Those who have a document exchange it, and then have the same. */
async function expectConvergence(network: ScenarioNetwork): Promise<void> {
  const nodes = Array.from({ length: network.size }, (_, index) => network.node(index))
  for (const from of nodes) {
    for (const to of nodes) {
      const there = new Set((await documentsOf(to)).map(({ key }) => key))
      for (const { key, collectionId, docId } of await documentsOf(from)) {
        if (from === to || !there.has(key)) continue
        await to.replica.merge(collectionId, await from.replica.commitsSince(collectionId, docId, []), { peer: 'exchange' })
      }
    }
  }
  const headsByDocument = new Map<string, unknown>()
  for (const node of nodes) {
    await expectConsistent(node.store)
    for (const { key, heads } of await documentsOf(node)) {
      if (!headsByDocument.has(key)) headsByDocument.set(key, heads)
      expect(heads, `heads of ${key}`).toEqual(headsByDocument.get(key))
    }
  }
}

async function documentsOf({
  replica,
}: TestNode): Promise<readonly { readonly key: string; readonly collectionId: string; readonly docId: string; readonly heads: unknown }[]> {
  const listed = replica.collectionIds().map(async (collectionId) => {
    const documents = await replica.documentHeads(collectionId, { limit: 10_000 })
    return documents.map(({ docId, heads }) => ({ key: `${collectionId} ${docId}`, collectionId, docId, heads }))
  })
  return (await Promise.all(listed)).flat()
}
