import { expect } from 'vitest'

import type { Commit, SealedBlock } from '../block/block.ts'
import { blockCid, cidKey, cidToText, type Cid } from '../block/cid.ts'
import { openCommit } from '../block/commit.ts'
import { openEncryption } from '../block/encryption-block.ts'
import { collectionCommit, isCollectionBlock, type ReplicatedCommit, openReplicated } from '../block/replicated-commit.ts'
import { mergeCommit } from '../dag/merge.ts'
import { keys } from '../document/keys.ts'
import { decodeHeads, decodeRecord } from '../document/record-codec.ts'
import type { DocumentRecord, Head } from '../document/record.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { Entry, KeyRange, Store } from '../storage/store.ts'
import { bytesToHex, decodeText, prefixRange } from '../util/bytes.ts'
import { loadCatalog } from './catalog.ts'
import { expectFingerprintsConsistent, FINGERPRINT_KEYS } from './fingerprint-consistency.testkit.ts'
import { expectIndexesConsistent, INDEX_KEYS } from './index-consistency.testkit.ts'
import { readContent } from './commit-content.ts'
import { WHOLE_DOCUMENT } from './left-aside.ts'
import { openCommits, type OpenedCommits } from './opened-commits.ts'

/** What a checked store holds. */
export interface StoreContents {
  readonly collections: number
  readonly documents: number
  readonly commits: number
  /** Commits of which not every field is merged. */
  readonly marks: number
  readonly collectionBlocks: number
  readonly settings: number
  readonly encryptionKeys: number
}

/**
 * Checks everything a store holds against everything else: nothing is there that nothing leads to, and each document's record and each collection's heads are what
 * their commits make of them. Fails at the first thing that is wrong, by name.
 */
export async function expectConsistent(store: Pick<Store, 'get' | 'getMany' | 'scan'>): Promise<StoreContents> {
  const reached = new Set<string>()
  const read = async (range: KeyRange): Promise<readonly Entry[]> => {
    const entries = await store.scan(range)
    for (const { key } of entries) reached.add(bytesToHex(key))
    return entries
  }

  const settings = await read(prefixRange(keys.setting('')))
  const encryptionKeys = await read(prefixRange(keys.encryptionKey(blockCid(new Uint8Array())).subarray(0, 1)))
  for (const { key, value } of encryptionKeys) expect(bytesToHex(key)).toBe(bytesToHex(keys.encryptionKey(openEncryption(value).cid)))
  await read({ from: keys.meta(), to: keys.after(keys.meta()) })
  await read(keys.allCollections())
  const { versions } = await loadCatalog(store)
  const collections = new Set(versions.map(({ collectionId }) => collectionId))
  let [documents, commits, marks, collectionBlocks] = [0, 0, 0, 0]
  for (const collectionId of collections) {
    const collection = describe(versions, collectionId)
    for (const { key, value } of await read(keys.documentsOf(collectionId))) {
      const docId = keys.docIdOf(key)
      const history = await read(keys.commitsOf(docId))
      const aside = await read(keys.leftAsideOf(collectionId, docId))
      await expectDocument(store, collection, docId, decodeRecord(value), history, aside)
      documents += 1
      commits += history.length
      marks += aside.length
    }
    const headsKey = keys.collectionHeads(collectionId)
    const [heads] = await read({ from: headsKey, to: keys.after(headsKey) })
    const blocks = await read(keys.collectionBlocksOf(collectionId))
    expectCollectionDag(collection, heads === undefined ? [] : decodeHeads(heads.value), blocks)
    collectionBlocks += blocks.length
  }
  await read(INDEX_KEYS)
  await read(FINGERPRINT_KEYS)
  const all = await store.scan({})
  expect(
    all.map(({ key }) => bytesToHex(key)).filter((key) => !reached.has(key)),
    'keys that nothing leads to',
  ).toEqual([])
  await expectIndexesConsistent(store)
  await expectFingerprintsConsistent(store)
  return {
    collections: collections.size,
    documents,
    commits,
    marks,
    collectionBlocks,
    settings: settings.length,
    encryptionKeys: encryptionKeys.length,
  }
}

/** What a store holds, in a form to compare: the keys of everything, and the states that are made of commits, whatever order they came in. */
export async function stateOf(store: Pick<Store, 'get' | 'getMany' | 'scan'>): Promise<unknown> {
  const { versions } = await loadCatalog(store)
  const states = versions.map(async ({ collectionId }) => {
    const documents = await store.scan(keys.documentsOf(collectionId))
    const heads = await store.get(keys.collectionHeads(collectionId))
    return {
      documents: documents.map(({ key, value }) => [keys.docIdOf(key), asPlain(decodeRecord(value))]),
      heads: heads === undefined ? [] : headTexts(decodeHeads(heads)),
    }
  })
  // Fingerprints follow from the documents, and marks from when somebody asked for them.
  const passing = new Set((await store.scan(FINGERPRINT_KEYS)).map(({ key }) => bytesToHex(key)))
  const all = (await store.scan({})).map(({ key }) => bytesToHex(key)).filter((key) => !passing.has(key))
  return { keys: all, states: await Promise.all(states) }
}

/** A collection, as it is active and with every field that any version of it has: what was merged under another version stays. */
interface Described {
  readonly active: CollectionVersion
  readonly whole: CollectionVersion
}

function describe(all: readonly CollectionVersion[], collectionId: string): Described {
  const versions = all.filter((version) => version.collectionId === collectionId)
  const [active, ...others] = versions.filter(({ isActive }) => isActive)
  if (active === undefined || others.length > 0)
    throw new Error(`${collectionId} has ${versions.length} versions, of which not one is active`)
  const fields = [...active.fields, ...versions.flatMap((version) => version.fields)]
  return {
    active,
    whole: { ...active, fields: fields.filter(({ name }, index) => fields.findIndex((other) => other.name === name) === index) },
  }
}

async function expectDocument(
  store: Pick<Store, 'get' | 'getMany' | 'scan'>,
  { active, whole }: Described,
  docId: string,
  record: DocumentRecord,
  history: readonly Entry[],
  marks: readonly Entry[],
): Promise<void> {
  const what = `${active.name} ${docId}`
  const commits = history.map(({ key, value }) => {
    const commit = openCommit(value)
    const { docId: named } = commit.composite.block.delta
    expect(bytesToHex(key), `key of a commit of ${what}`).toBe(bytesToHex(keys.commit(named, commit.composite.cid)))
    return commit
  })
  expectDag(what, record.heads, commits)
  const opened = await openCommits(store, commits)
  const aside = new Map(marks.map(({ key, value }) => [cidKey(keys.cidOf(key)), namesIn(value)]))
  expect(marks.length, `marks of ${what}`).toBe(commits.filter(({ composite }) => aside.has(cidKey(composite.cid))).length)
  for (const commit of commits) expectMarks(what, active, commit, aside.get(cidKey(commit.composite.cid)) ?? [], opened)
  expect(asPlain(record), `record of ${what}`).toEqual(asPlain(replayed(whole, commits, aside, opened)))
  for (const [name, field] of record.fields) {
    const merged = commits.filter(({ composite }) => aside.get(cidKey(composite.cid))?.includes(name) !== true)
    const blocks = merged.flatMap((commit) => commit.fields).filter(({ block }) => block.delta.fieldName === name)
    expect(headTexts(field.heads), `heads of "${name}" of ${what}`).toEqual(leavesOf(blocks))
  }
}

/** What is marked as left aside is nothing that could be merged, and what waits for a key is marked. */
function expectMarks(what: string, active: CollectionVersion, commit: Commit, names: readonly string[], opened: OpenedCommits): void {
  const content = readContent(active, commit, opened.plainData)
  const fields = names.filter((name) => name !== WHOLE_DOCUMENT)
  const readable = content.kind === 'read' ? fields.filter((name) => !content.aside.includes(name)) : []
  expect(readable, `fields of ${what} that are left aside`).toEqual([])
  const closed = commit.fields.filter(({ cid, block }) => block.encryption !== undefined && !opened.plainData.has(cidKey(cid)))
  expect(fields, `encrypted fields of ${what}`).toEqual(expect.arrayContaining(closed.map(({ block }) => block.delta.fieldName)))
  expect(names.includes(WHOLE_DOCUMENT), `a commit of ${what} waits for the key of the document`).toBe(opened.isSealed(commit))
}

/** A mark is a list in JSON: the version that left something aside, and the names of the fields. */
function namesIn(mark: Uint8Array): readonly string[] {
  const [, ...names]: readonly string[] = JSON.parse(decodeText(mark))
  return names
}

function expectCollectionDag({ active }: Described, heads: readonly Head[], entries: readonly Entry[]): void {
  const blocks = entries.map(({ key, value }) => {
    const block = openReplicated(value).composite
    expect(bytesToHex(key), 'key of a collection block').toBe(bytesToHex(keys.collectionBlock(active.collectionId, block.cid)))
    if (!isCollectionBlock(block)) throw new Error(`${cidToText(block.cid)} is no collection block`)
    return collectionCommit(block)
  })
  expectDag(`the DAG of ${active.name}`, heads, blocks)
}

/** All parents are there, heights follow from them, and the heads are exactly what nobody calls a parent: so everything is an ancestor of a head. */
function expectDag(what: string, heads: readonly Head[], commits: readonly ReplicatedCommit[]): void {
  const heights = new Map(commits.map(({ composite }) => [cidKey(composite.cid), composite.block.delta.priority]))
  for (const { composite } of commits) {
    const parents = composite.block.heads.map((parent) => {
      const height = heights.get(cidKey(parent))
      if (height === undefined) expect.fail(`${what}: ${cidToText(composite.cid)} has the parent ${cidToText(parent)}, which is not stored`)
      return height
    })
    expect(composite.block.delta.priority, `height of ${cidToText(composite.cid)} of ${what}`).toBe(1 + Math.max(0, ...parents))
  }
  expect(headTexts(heads), `heads of ${what}`).toEqual(leavesOf(commits.map(({ composite }) => composite)))
}

/** The blocks that no other names as a parent, with their heights. */
function leavesOf(blocks: readonly SealedBlock[]): readonly string[] {
  const parents = new Set(blocks.flatMap(({ block }) => block.heads.map(cidKey)))
  const leaves = blocks.filter(({ cid }) => !parents.has(cidKey(cid)))
  return [...new Set(leaves.map(({ cid, block }) => headText(cid, block.delta.priority)))].toSorted()
}

/** The state that the commits make of nothing, ancestors first, each field block once. */
function replayed(
  collection: CollectionVersion,
  commits: readonly Commit[],
  aside: ReadonlyMap<string, readonly string[]>,
  opened: OpenedCommits,
): DocumentRecord {
  const seen = new Set<string>()
  let record: DocumentRecord | undefined
  for (const commit of commits.toSorted((a, b) => heightOf(a) - heightOf(b))) {
    const again = commit.fields.filter(({ cid }) => seen.has(cidKey(cid))).map(({ block }) => block.delta.fieldName)
    for (const { cid } of commit.fields) seen.add(cidKey(cid))
    const passed = [...again, ...(aside.get(cidKey(commit.composite.cid)) ?? [])]
    record = { ...mergeCommit(collection, record, commit, passed, opened.plainData), ...opened.secrecy(commit, record) }
  }
  if (record === undefined) throw new Error(`a document of ${collection.name} has no commits`)
  return record
}

function asPlain({ status, secrecy, schemaVersionId, heads, fields }: DocumentRecord): unknown {
  const values = [...fields].map(([name, field]) => [
    name,
    { data: bytesToHex(field.data), priority: field.priority, heads: headTexts(field.heads) },
  ])
  return { status, secrecy, schemaVersionId, heads: headTexts(heads), fields: Object.fromEntries(values) }
}

function headTexts(heads: readonly Head[]): readonly string[] {
  return heads.map(({ cid, height }) => headText(cid, height)).toSorted()
}

function headText(cid: Cid, height: number): string {
  return `${cidToText(cid)} at ${height}`
}

function heightOf(commit: Commit): number {
  return commit.composite.block.delta.priority
}
