import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { testSeed } from '../util/seed.testkit.ts'
import { deliveryOrders, RANDOM_ORDERS } from './delivery-order.testkit.ts'
import { playScenario, type Action, type Scenario } from './p2p-scenario.testkit.ts'

/** They lie beside the project where it is developed; a clone alone has its own. */
const REFERENCE = new URL('../../../shared/vectors/p2p-scenarios.json', import.meta.url)

/** Of the reference scenarios those that say that nothing comes over. Whether it is sent is the network's decision; here every node must show what it wrote itself. */
const NOTHING_TRAVELS = [
  'TestP2PCollectionAddAndRemoveSingle',
  'TestP2PCollectionAddNone',
  'TestP2PCollectionAddSingleErroneousCollectionID',
  'TestP2PCollectionAddValidAndErroneousCollectionID',
  'TestP2PCreateDoesNotSync',
  'TestP2PDocumentAddAndRemoveSingle',
  'TestP2PDocument_AddSingleErroneousDocID_ShouldNotSync',
  'TestP2POneToOneReplicatorDoesNotSyncFromDeletedReplicator',
  'TestP2POneToOneReplicatorDoesNotSyncFromTargetToSource',
  'TestP2POneToOneReplicatorOrderIndependentDirectCreate',
  'TestP2PWithMultipleDocumentsWithUpdateAndDeleteBeforeConnectSingleDeleteWithShowDeleted',
  'TestP2PWithSingleDocumentSingleUpdateDoesNotSyncFromUnmappedNode',
]

/** Those that ask for nothing but the list of subscriptions: what the network has put into the settings of the database, and reads from there. */
const SUBSCRIPTIONS_ALONE = [
  'TestP2PCollectionAddGetMultiple',
  'TestP2PCollectionAddGetSingle',
  'TestP2PCollectionAddRemoveGetMultiple',
  'TestP2PCollectionAddRemoveGetSingle',
  'TestP2PCollectionGetAll',
  'TestP2PDocumentAddGetMultiple',
  'TestP2PDocumentAddGetSingle',
  'TestP2PDocumentAddRemoveGetMultiple',
  'TestP2PDocumentAddRemoveGetSingle',
  'TestP2PDocument_GetAllWithNoneConfigured_ShouldSucceed',
]

/** The one whose expectation is replaced. The reference loses a field that comes before a node knows it; here it is there once the schema has it. */
const FIELD_IS_KEPT = 'TestP2PPeerCreateWithNewFieldDocSyncedBeforeReceivingNodeSchemaUpdatedDoesNotReturnNewField'

const orders = deliveryOrders(testSeed())
const inEveryOrder = `in order, reversed, and in ${RANDOM_ORDERS} random orders with duplicates`

describe(`nodes end in the expected results and the same heads ${inEveryOrder}`, () => {
  it.each(ownScenarios().map((scenario) => [scenario.source.test, scenario] as const))('%s', async (_name, scenario) => {
    for (const order of orders) expect(await playScenario(scenario, order)).toBeGreaterThan(0)
  })
})

describe.runIf(existsSync(REFERENCE))('the scenarios of the reference', () => {
  const scenarios = existsSync(REFERENCE) ? parseScenarios(readFileSync(REFERENCE, 'utf8')) : []
  const named = (names: readonly string[]): readonly (readonly [string, Scenario])[] =>
    scenarios.filter(({ source }) => names.includes(source.test)).map((scenario) => [titleOf(scenario), scenario])
  const others = scenarios.filter(({ source }) => ![...NOTHING_TRAVELS, ...SUBSCRIPTIONS_ALONE].includes(source.test))

  it(`are ${scenarios.length}: ${others.length} that exchange, ${NOTHING_TRAVELS.length} in which nothing travels, ${SUBSCRIPTIONS_ALONE.length} with subscriptions alone`, () => {
    expect(others.length).toBeGreaterThan(70)
    expect(others.length + NOTHING_TRAVELS.length + SUBSCRIPTIONS_ALONE.length).toBe(scenarios.length)
  })

  describe(`that exchange end in their results and the same heads ${inEveryOrder}`, () => {
    it.each(others.map((scenario) => [titleOf(scenario), withBetterExpectation(scenario)] as const))('%s', async (_name, scenario) => {
      for (const order of orders) expect(await playScenario(scenario, order)).toBeGreaterThan(0)
    })
  })

  describe('in which nothing travels show on each node what it wrote', () => {
    it.each(named(NOTHING_TRAVELS))('%s', async (_name, scenario) => {
      for (const order of orders) expect(await playScenario(scenario, order)).toBe(0)
    })
  })

  describe('that ask for subscriptions alone find them as the database kept them', () => {
    it.each(named(SUBSCRIPTIONS_ALONE))('%s', async (_name, scenario) => {
      expect(scenario.actions.some(({ op }) => op === 'GetAllP2PCollections' || op === 'GetAllP2PDocuments')).toBe(true)
      for (const order of orders) expect(await playScenario(scenario, order)).toBe(0)
    })
  })
})

function parseScenarios(text: string): readonly Scenario[] {
  const parsed: { readonly scenarios: readonly Scenario[] } = JSON.parse(text)
  return parsed.scenarios
}

/** The name of the test alone is not unique. */
function titleOf({ source: { file, test } }: Scenario): string {
  const better = test === FIELD_IS_KEPT ? ' (better: it does return the new field)' : ''
  return `${file.replace('tests/integration/', '').replace('_test.go', '')} ${test}${better}`
}

/** Every node must show what the first one does, which wrote the field. */
function withBetterExpectation(scenario: Scenario): Scenario {
  if (scenario.source.test !== FIELD_IS_KEPT) return scenario
  const first = scenario.actions.find((action) => action.op === 'Request')
  if (first === undefined) throw new Error(`${FIELD_IS_KEPT} has no request`)
  return {
    ...scenario,
    actions: scenario.actions.map((action) => (action.op === 'Request' ? { ...action, Results: first.Results } : action)),
  }
}

function aScenario(test: string, nodes: number, ...actions: readonly Action[]): Scenario {
  return { source: { file: 'own', test }, nodes, actions }
}

function ownScenarios(): readonly Scenario[] {
  const wait: Action = { op: 'WaitForSync' }
  const close: Action = { op: 'Close', NodeID: 1 }
  const start: Action = { op: 'Start', NodeID: 1 }
  const patch = '[{ "op": "add", "path": "/Task/Fields/done", "value": { "Kind": "Boolean" } }]'
  const connect = (a: number, b: number): Action => ({ op: 'ConnectPeers', SourceNodeID: a, TargetNodeID: b })
  const replicate = (a: number, b: number): Action => ({ op: 'ConfigureReplicator', SourceNodeID: a, TargetNodeID: b })
  const subscribe = (node: number, ...indexes: readonly number[]): Action => ({
    op: 'SubscribeToCollection',
    NodeID: node,
    CollectionIDs: indexes,
  })
  const update = (node: number, patch: object, document = 0): Action => ({
    op: 'UpdateDoc',
    NodeID: node,
    DocID: document,
    Doc: JSON.stringify(patch),
  })
  const create = (document: object, node?: number): Action => ({
    op: 'CreateDoc',
    DocMap: document,
    ...(node === undefined ? {} : { NodeID: node }),
  })
  return [
    aScenario(
      'three writers of a counter, one of whom deletes it at last',
      3,
      { op: 'AddSchema', Schema: 'type Poll { question: String yes: Int @crdt(type: pcounter) balance: Int @crdt(type: pncounter) }' },
      create({ question: 'more?', yes: 1, balance: 0 }),
      connect(0, 1),
      connect(1, 2),
      connect(0, 2),
      ...[0, 1, 2].map((node) => subscribe(node, 0)),
      ...[0, 1, 2, 0, 1, 2].map((node) => update(node, { yes: 1, balance: node - 5 })),
      wait,
      { op: 'Request', Request: '{ Poll { yes balance } }', Results: { Poll: [{ yes: 7, balance: -24 }] } },
      update(1, { yes: 10 }),
      { op: 'DeleteDoc', NodeID: 2, DocID: 0 },
      wait,
      { op: 'Request', Request: '{ Poll { yes } }', Results: { Poll: [] } },
      { op: 'Request', Request: '{ Poll(showDeleted: true) { yes _deleted } }', Results: { Poll: [{ yes: 17, _deleted: true }] } },
    ),
    aScenario(
      'a branchable collection of two writers, one of whom is started anew',
      2,
      { op: 'AddSchema', Schema: 'type Page @branchable { title: String }' },
      connect(0, 1),
      subscribe(0, 0),
      subscribe(1, 0),
      create({ title: 'first' }, 0),
      create({ title: 'second' }, 0),
      create({ title: 'third' }, 1),
      wait,
      close,
      start,
      update(1, { title: 'fourth' }),
      wait,
      {
        op: 'Request',
        Request: '{ Page(order: { title: ASC }) { title } }',
        Results: { Page: ['fourth', 'second', 'third'].map((title) => ({ title })) },
      },
    ),
    aScenario(
      'a replicator whose target is away, and learns the schema late',
      2,
      { op: 'AddSchema', Schema: 'type Task { title: String }' },
      create({ title: 'before' }, 0),
      replicate(0, 1),
      close,
      { op: 'SchemaPatch', NodeID: 0, Patch: patch },
      update(0, { done: true }),
      create({ title: 'meanwhile', done: false }, 0),
      start,
      wait,
      {
        op: 'Request',
        NodeID: 1,
        Request: '{ Task(order: { title: ASC }) { title } }',
        Results: { Task: [{ title: 'before' }, { title: 'meanwhile' }] },
      },
      { op: 'SchemaPatch', NodeID: 1, Patch: patch },
      {
        op: 'Request',
        Request: '{ Task(order: { title: ASC }) { title done } }',
        Results: {
          Task: [
            { title: 'before', done: true },
            { title: 'meanwhile', done: false },
          ],
        },
      },
    ),
  ]
}
