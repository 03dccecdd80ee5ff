import { cidToText } from '../../block/cid.ts'
import { COLLECTION_DAG } from '../../block/replicated-commit.ts'
import { expectConsistent } from '../../database/consistency.testkit.ts'
import { keptOpen, openTestNode, type TestNode } from '../../database/database.testkit.ts'
import type { DocumentHeads } from '../../database/replica.ts'
import { keys } from '../../document/keys.ts'
import { decodeHeads, decodeRecord } from '../../document/record-codec.ts'
import { bytesToHex } from '../../util/bytes.ts'
import { TIMELESS } from '../../util/pacer.testkit.ts'
import type { Created, Ledger, StoredCommit } from './ledger.testkit.ts'
import type { Run } from './simulate.testkit.ts'
import type { SimulatedNode } from './simulated-node.testkit.ts'
import { COLLECTIONS } from './writes.testkit.ts'

/** Whether all nodes run, know all collections, have what they must have, and the same heads of every document that several must have all of. */
export async function areAlike({ nodes, roles, ledger }: Run): Promise<boolean> {
  const replica = nodes[0]?.running?.replica
  if (replica === undefined || nodes.some(({ running }) => running?.replica.collectionIds().length !== COLLECTIONS.length)) return false
  for (const collectionId of replica.collectionIds()) {
    const collection = replica.collectionName(collectionId) ?? ''
    const heads = await Promise.all(nodes.map((node) => headsOn(node, collectionId)))
    for (const docId of new Set(heads.flatMap((own) => [...own.keys()]))) {
      const whole = heads.filter((_, index) => roles.isWhole(index, collection, docId)).map((own) => own.get(docId))
      if (new Set(whole).size > 1) return false
    }
  }
  const owed = roles.owed(ledger, (collectionId) => replica.collectionName(collectionId) ?? '')
  for (const [index, { content }] of nodes.entries()) {
    const commits = [...(owed[index]?.values() ?? [])]
    const stored = await content.getMany(commits.map(keyOf))
    if (stored.includes(undefined)) return false
  }
  return true
}

function keyOf({ collectionId, docId, cid }: StoredCommit): Uint8Array {
  return docId === COLLECTION_DAG ? keys.collectionBlock(collectionId, cid) : keys.commit(docId, cid)
}

/** What is on the disk, without waiting for it. */
async function headsOn({ content }: SimulatedNode, collectionId: string): Promise<ReadonlyMap<string, string>> {
  const entries = await content.scan(keys.documentsOf(collectionId))
  const own = await content.get(keys.collectionHeads(collectionId))
  const documents = entries.map(({ key, value }): [string, string] => [keys.docIdOf(key), headsText(decodeRecord(value).heads)])
  return new Map(own === undefined ? documents : [['', headsText(decodeHeads(own))], ...documents])
}

function headsText(heads: ReturnType<typeof decodeHeads>): string {
  return heads
    .map(({ cid }) => bytesToHex(cid))
    .toSorted()
    .join()
}

/** What is on the disks of the nodes, after all of them have lost their power, is what everybody was promised. */
export async function expectAllThere({ nodes, ledger, roles }: Run): Promise<void> {
  const opened = await Promise.all(nodes.map(({ content }) => openTestNode(undefined, { store: keptOpen(content), pacing: TIMELESS })))
  const owed = roles.owed(ledger, (collectionId) => opened[0]?.replica.collectionName(collectionId) ?? '')
  const shown = new Map<string, { readonly text: string; readonly node: number }>()
  for (const [index, node] of opened.entries()) {
    await expectCommits(node, index, [...(owed[index]?.values() ?? [])])
    const documents = ledger.documents.filter(({ collection, docId }) => roles.isWhole(index, collection, docId))
    for (const [docId, text] of await shownBy(node, documents, ledger)) {
      const before = shown.get(docId)
      if (before === undefined) shown.set(docId, { text, node: index })
      else if (before.text !== text) throw new Error(`node ${index} shows ${text} where node ${before.node} shows ${before.text}`)
    }
  }
  await expectTexts(opened, ledger)
  for (const { db, store } of opened.slice(0, nodes.every(({ plan }) => plan.role === 'everything') ? 1 : opened.length)) {
    await expectConsistent(store)
    await db.close()
  }
}

/** Every commit that a node must have is on it. */
async function expectCommits({ replica }: TestNode, index: number, commits: readonly StoredCommit[]): Promise<void> {
  for (const [collectionId, group] of Map.groupBy(commits, (commit) => commit.collectionId)) {
    const documents = group.map(({ docId, cid }): DocumentHeads => ({ docId, heads: [cid] }))
    const [missing] = await replica.lacking(collectionId, documents)
    const [cid] = missing?.heads ?? []
    if (missing !== undefined) throw new Error(`node ${index} has no commit ${cid === undefined ? '' : cidToText(cid)} of ${missing.docId}`)
  }
}

/** Documents that were created, as the node shows them. @throws when one is not there, counts wrong, or is there though it was deleted */
async function shownBy({ db }: TestNode, documents: readonly Created[], ledger: Ledger): Promise<ReadonlyMap<string, string>> {
  const shown = new Map<string, string>()
  for (const { collection, docId } of documents) {
    const document = await db.collection(collection).get(docId, { showDeleted: true })
    if (document === undefined) throw new Error(`${collection} ${docId} was acknowledged, and is not there`)
    shown.set(docId, JSON.stringify(document))
    const { least, most } = ledger.countOf(docId)
    const votes = Number(document['votes'])
    if (votes < least || votes > most) throw new Error(`${collection} ${docId} counts ${votes}, and must count from ${least} to ${most}`)
    const isShown = (await db.collection(collection).get(docId)) !== undefined
    if (isShown && ledger.deleted.has(docId)) throw new Error(`${collection} ${docId} was deleted, and is there`)
  }
  return shown
}

/** Every text whose writing was acknowledged stands somewhere in the history that some node has. */
async function expectTexts(nodes: readonly TestNode[], ledger: Ledger): Promise<void> {
  const found = new Set<string>()
  const decoder = new TextDecoder('latin1')
  for (const { replica } of nodes) {
    for (const collectionId of replica.collectionIds()) {
      for (const { docId } of await replica.documentHeads(collectionId, { limit: 100_000 })) {
        for (const commit of await replica.commitsSince(collectionId, docId, [])) {
          if (!('fields' in commit)) continue
          for (const { block } of commit.fields) {
            for (const [text] of decoder.decode(block.delta.data).matchAll(/text \d+\.\d+\./g)) found.add(text)
          }
        }
      }
    }
    if ([...ledger.texts].every((text) => found.has(text))) return
  }
  for (const text of ledger.texts) if (!found.has(text)) throw new Error(`"${text}" was acknowledged, and is nowhere`)
}
