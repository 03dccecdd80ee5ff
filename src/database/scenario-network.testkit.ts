import { cidKey } from '../block/cid.ts'
import { documentOf, type ReplicatedCommit } from '../block/replicated-commit.ts'
import { parseDocId } from '../document/document-id.ts'
import { openMemoryStore } from '../storage/memory.ts'
import type { Store } from '../storage/store.ts'
import { decodeText, encodeText } from '../util/bytes.ts'
import { keptOpen, openTestNode, type TestNode } from './database.testkit.ts'
import type { DeliveryOrder } from './delivery-order.testkit.ts'
import type { CommitBatch } from './replica.ts'

/**
 * A network in memory in which nodes play the roles that the reference has: they subscribe to collections and documents of the nodes they are connected with, and
 * replicate to others. A message is a set of commits. It arrives when the order of delivery says so, perhaps twice. Whoever misses parents asks the sender for the
 * document, and that answer is a message too.
 *
 * - A local write goes to everybody connected who subscribes to its collection or document at that time, and to the targets of the writer's replicators.
 *   Nobody passes on what he has merged.
 * - A new replicator first sends all that is there. What its target misses while it is away is sent when it is back.
 * - Messages to others who are away are lost.
 * - Each node keeps its roles among its settings: they outlive a restart because the database does.
 */
export interface ScenarioNetwork {
  readonly size: number
  /** @throws RangeError when the node is away */
  node(index: number): TestNode
  connect(a: number, b: number): void
  /** Takes all or none. @throws when one of the IDs names no collection of the node */
  subscribeToCollections(index: number, collectionIds: readonly string[]): Promise<void>
  unsubscribeFromCollections(index: number, collectionIds: readonly string[]): Promise<void>
  /** Takes all or none. @throws when one of them is no document ID */
  subscribeToDocuments(index: number, docIds: readonly string[]): Promise<void>
  unsubscribeFromDocuments(index: number, docIds: readonly string[]): Promise<void>
  /** What the node subscribes to, as its database has kept it. */
  subscriptions(index: number): Promise<Pick<Roles, 'collections' | 'documents'>>
  setReplicator(source: number, target: number): Promise<void>
  deleteReplicator(source: number, target: number): Promise<void>
  /** Asks everybody connected for these documents, once. */
  syncDocuments(index: number, collectionId: string, docIds: readonly string[]): Promise<void>
  stop(index: number): Promise<void>
  start(index: number): Promise<void>
  /** Lets as many messages arrive as the order of delivery wants now. */
  somethingArrives(): Promise<void>
  /** Lets everything arrive. */
  everythingArrives(): Promise<void>
  /** How many messages were sent. */
  sent(): number
  /** What the node must have of every document: its own writes, what has come to it, and all ancestors. Keys of CIDs by collection and document. */
  expectedCommits(index: number): ReadonlyMap<string, ReadonlySet<string>>
  close(): Promise<void>
}

interface Message {
  readonly from: number
  readonly to: number
  readonly collectionId: string
  readonly commits: readonly ReplicatedCommit[]
  /** Sent by a replicator, which sends it again when the target was away. */
  readonly isAssured: boolean
}

interface Roles {
  readonly collections: readonly string[]
  readonly documents: readonly string[]
  readonly replicators: readonly number[]
  /** What targets of replicators have missed. */
  readonly missed: readonly { readonly target: number; readonly collectionId: string; readonly docId: string }[]
}

const NO_ROLES: Roles = { collections: [], documents: [], replicators: [], missed: [] }
const ROLES = 'roles'

/** Everything of a listing in one go. */
const ALL = 100_000

export async function openScenarioNetwork(size: number, order: DeliveryOrder): Promise<ScenarioNetwork> {
  const stores = await Promise.all(Array.from({ length: size }, openMemoryStore))
  const members = stores.map((store): Member => ({ store: keptOpen(store), node: undefined, roles: NO_ROLES, has: new Map() }))
  const connections = new Set<string>()
  const commitsByCid = new Map<string, ReplicatedCommit>()
  let messages: Message[] = []
  let sent = 0

  const member = (index: number): Member => {
    const found = members[index]
    if (found === undefined) throw new RangeError(`there is no node ${index}`)
    return found
  }
  const node = (index: number): TestNode => {
    const { node: found } = member(index)
    if (found === undefined) throw new RangeError(`node ${index} is away`)
    return found
  }
  const isConnected = (a: number, b: number): boolean => connections.has(`${a} ${b}`)

  function send(message: Message): void {
    if (message.commits.length === 0) return
    sent += 1
    messages.push(message)
  }

  async function setRoles(index: number, change: (roles: Roles) => Partial<Roles>): Promise<void> {
    const roles = { ...member(index).roles, ...change(member(index).roles) }
    member(index).roles = roles
    await node(index).replica.setSetting(ROLES, encodeText(JSON.stringify(roles)))
  }

  /** Tells those who want to know of a local write. */
  function publish(from: number, { collectionId, commits }: CommitBatch): void {
    note(from, collectionId, commits)
    for (const [to, { node: target, roles }] of members.entries()) {
      if (to === from) continue
      const isWanted = (commit: ReplicatedCommit): boolean =>
        roles.collections.includes(collectionId) || roles.documents.includes(documentOf(commit))
      if (target !== undefined && isConnected(from, to)) {
        send({ from, to, collectionId, commits: commits.filter(isWanted), isAssured: false })
      }
      if (member(from).roles.replicators.includes(to)) send({ from, to, collectionId, commits, isAssured: true })
    }
  }

  /** Keeps account of what a node must have from now on. */
  function note(index: number, collectionId: string, commits: readonly ReplicatedCommit[]): void {
    for (const commit of commits) commitsByCid.set(cidKey(commit.composite.cid), commit)
    const { has } = member(index)
    const open = [...commits]
    for (let commit = open.pop(); commit !== undefined; commit = open.pop()) {
      const key = `${collectionId} ${documentOf(commit)}`
      const cids = has.get(key) ?? new Set<string>()
      has.set(key, cids)
      if (cids.has(cidKey(commit.composite.cid))) continue
      cids.add(cidKey(commit.composite.cid))
      for (const parent of commit.composite.block.heads) {
        const ancestor = commitsByCid.get(cidKey(parent))
        if (ancestor === undefined) throw new Error('a commit was sent whose parent nobody has written')
        open.push(ancestor)
      }
    }
  }

  async function arrive(message: Message): Promise<void> {
    const { from, to, collectionId, commits, isAssured } = message
    const target = member(to).node
    if (target === undefined) {
      if (isAssured) {
        const missed = [...new Set(commits.map(documentOf))].map((docId) => ({ target: to, collectionId, docId }))
        await setRoles(from, (roles) => ({ missed: [...roles.missed, ...missed] }))
      }
      return
    }
    note(to, collectionId, commits)
    const { rejected, missing } = await target.replica.merge(collectionId, order.arranged(commits), { peer: `node ${from}` })
    if (rejected.length > 0)
      throw new Error(`node ${to} rejected what node ${from} sent: ${rejected.map(({ reason }) => reason).join('; ')}`)
    for (const docId of new Set(missing.map((document) => document.docId))) {
      const [have] = await target.replica.headsOf(collectionId, [docId])
      const answer = await node(from).replica.commitsSince(collectionId, docId, have?.heads ?? [])
      send({ from, to, collectionId, commits: answer, isAssured })
    }
  }

  async function oneArrives(): Promise<void> {
    const index = order.next(messages.length)
    const message = messages[index]
    if (message === undefined) return
    messages = messages.toSpliced(index, 1)
    if (order.isTwice()) messages.push(message)
    await arrive(message)
  }

  async function sendDocument(from: number, to: number, collectionId: string, docId: string, isAssured: boolean): Promise<void> {
    send({ from, to, collectionId, commits: await node(from).replica.commitsSince(collectionId, docId, []), isAssured })
  }

  async function start(index: number): Promise<void> {
    const opened = await openTestNode(undefined, { store: member(index).store, name: `node ${index}` })
    member(index).node = opened
    opened.replica.onCommits((batch) => {
      if (batch.peer === undefined) publish(index, batch)
    })
    member(index).roles = storedRoles(await opened.replica.setting(ROLES))
    for (const [from, { node: source, roles: own }] of members.entries()) {
      if (source === undefined) continue
      const missed = own.missed.filter(({ target }) => target === index)
      if (missed.length === 0) continue
      await setRoles(from, () => ({ missed: own.missed.filter(({ target }) => target !== index) }))
      for (const { collectionId, docId } of missed) await sendDocument(from, index, collectionId, docId, true)
    }
  }

  const checkCollections = (index: number, collectionIds: readonly string[]): void => {
    const known = node(index).replica.collectionIds()
    const unknown = collectionIds.find((id) => !known.includes(id))
    if (unknown !== undefined) throw new Error(`no collection "${unknown}"`)
  }

  for (const index of members.keys()) await start(index)
  return {
    size,
    node,
    connect: (a, b) => {
      connections.add(`${a} ${b}`)
      connections.add(`${b} ${a}`)
    },
    subscribeToCollections: async (index, collectionIds) => {
      checkCollections(index, collectionIds)
      await setRoles(index, ({ collections }) => ({ collections: [...new Set([...collections, ...collectionIds])] }))
    },
    unsubscribeFromCollections: async (index, collectionIds) => {
      checkCollections(index, collectionIds)
      await setRoles(index, ({ collections }) => ({ collections: collections.filter((id) => !collectionIds.includes(id)) }))
    },
    subscribeToDocuments: async (index, docIds) => {
      docIds.forEach(parseDocId)
      await setRoles(index, ({ documents }) => ({ documents: [...new Set([...documents, ...docIds])] }))
    },
    unsubscribeFromDocuments: async (index, docIds) => {
      docIds.forEach(parseDocId)
      await setRoles(index, ({ documents }) => ({ documents: documents.filter((id) => !docIds.includes(id)) }))
    },
    subscriptions: async (index) => {
      const { collections, documents } = storedRoles(await node(index).replica.setting(ROLES))
      return { collections, documents }
    },
    setReplicator: async (source, target) => {
      connections.add(`${source} ${target}`)
      connections.add(`${target} ${source}`)
      await setRoles(source, ({ replicators }) => ({ replicators: [...new Set([...replicators, target])] }))
      const { replica } = node(source)
      for (const collectionId of replica.collectionIds()) {
        for (const { docId } of await replica.documentHeads(collectionId, { limit: ALL })) {
          await sendDocument(source, target, collectionId, docId, true)
        }
      }
    },
    deleteReplicator: (source, target) =>
      setRoles(source, ({ replicators }) => ({ replicators: replicators.filter((index) => index !== target) })),
    syncDocuments: async (index, collectionId, docIds) => {
      for (const from of members.keys()) {
        if (from === index || !isConnected(from, index)) continue
        for (const docId of docIds) await sendDocument(from, index, collectionId, docId, false)
      }
    },
    stop: async (index) => {
      const { db } = node(index)
      member(index).node = undefined
      await db.close()
    },
    start,
    somethingArrives: async () => {
      for (let count = order.early(messages.length); count > 0; count--) await oneArrives()
    },
    everythingArrives: async () => {
      while (messages.length > 0) await oneArrives()
    },
    sent: () => sent,
    expectedCommits: (index) => member(index).has,
    close: async () => {
      for (const { node: open } of members) await open?.db.close()
    },
  }
}

function storedRoles(setting: Uint8Array | undefined): Roles {
  return setting === undefined ? NO_ROLES : JSON.parse(decodeText(setting))
}

interface Member {
  readonly store: Store
  /** Absent while it is away. */
  node: TestNode | undefined
  roles: Roles
  readonly has: Map<string, Set<string>>
}
