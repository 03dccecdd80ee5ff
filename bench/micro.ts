import * as dagCbor from '@ipld/dag-cbor'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'

import { openCommit, packCommit } from '../src/block/commit.ts'
import { buildCommit } from '../src/dag/append.ts'
import { openTestNode } from '../src/database/database.testkit.ts'
import { documentId } from '../src/document/document-id.ts'
import { parseDocument } from '../src/document/document-input.ts'
import { COLLECTION, people, SCHEMA, type Person } from './documents.ts'
import type { BenchRun, Measure, Subject } from './measure.ts'

const LIBRARIES = 'general libraries'
const WARREN = 'WarrenDB'

const IDENTIFY: Measure = { name: 'read a document and compute its ID', unit: 'µs' }
const SEAL: Measure = { name: 'commit of a document: encode and hash 8 blocks', unit: 'µs' }
const OPEN: Measure = { name: 'commit of a peer: decode, check and hash 8 blocks', unit: 'µs' }
const MERGE: Measure = { name: 'merge of a commit into memory, in batches of 250', unit: 'µs' }

const DOCUMENTS = 1_000
const MERGE_BATCH = 250
const SHA_256 = 0x12

export const micro: Subject = {
  name: 'micro',
  title: 'Parts of the write and merge path, per document of 7 fields, in Node',
  contestants: [LIBRARIES, WARREN],
  seconds: { whole: 20, quick: 8 },
  run: async (bench) => {
    for (let round = -4; round < (bench.quick ? 3 : 10); round++) {
      bench.signal.throwIfAborted()
      // The first rounds are there to warm up.
      await runOnce(round < 0 ? { ...bench, record: () => undefined } : bench)
    }
  },
}

async function runOnce(bench: BenchRun): Promise<void> {
  const from = await openTestNode(SCHEMA)
  const to = await openTestNode(SCHEMA)
  const [collection] = await from.db.collections.describe({ name: COLLECTION })
  if (collection === undefined) throw new Error(`there is no collection ${COLLECTION}`)
  const documents = people(0, DOCUMENTS)

  const identified = perDocument(bench, IDENTIFY, WARREN, documents, (document) => {
    const values = parseDocument(collection, document, 'create')
    return { values, docId: documentId(collection, values) }
  })
  const commits = perDocument(bench, SEAL, WARREN, identified, ({ docId, values }) =>
    buildCommit(collection, docId, undefined, { kind: 'write', values }, () => 0n),
  )

  const ids = await from.db.collection<Person>(COLLECTION).create(documents)
  if (identified.some(({ docId }, index) => docId !== ids[index])) throw new Error('the database gives other document IDs')

  const packed = commits.map(packCommit)
  const opened = perDocument(bench, OPEN, WARREN, packed, openCommit)
  measureLibraries(
    bench,
    opened.map(({ composite, fields }) => [composite, ...fields]),
  )

  const start = performance.now()
  let merged = 0
  for (let first = 0; first < opened.length; first += MERGE_BATCH) {
    const report = await to.replica.merge(collection.collectionId, opened.slice(first, first + MERGE_BATCH), { peer: 'bench' })
    merged += report.merged
  }
  bench.record(MERGE, WARREN, DOCUMENTS, [((performance.now() - start) * 1_000) / DOCUMENTS])
  if (merged !== DOCUMENTS) throw new Error(`${merged} of ${DOCUMENTS} commits were merged`)
  await from.db.close()
  await to.db.close()
}

interface PlainBlock {
  readonly bytes: Uint8Array
  readonly cid: Uint8Array
}

/** The yardstick: the same blocks with @ipld/dag-cbor, @noble/hashes and multiformats, which know nothing of their shape. */
function measureLibraries(bench: BenchRun, commits: readonly (readonly PlainBlock[])[]): void {
  const cidOf = (bytes: Uint8Array): CID => CID.createV1(dagCbor.code, createDigest(SHA_256, nobleSha256(bytes)))
  const decoded = perDocument(bench, OPEN, LIBRARIES, commits, (blocks) =>
    blocks.map(({ bytes }) => ({ cid: cidOf(bytes), value: dagCbor.decode(bytes) })),
  )
  const sealed = perDocument(bench, SEAL, LIBRARIES, decoded, (blocks) => blocks.map(({ value }) => cidOf(dagCbor.encode(value))))
  for (const [index, blocks] of commits.entries()) {
    const same = blocks.every(({ cid }, block) => Buffer.from(cid).equals(sealed[index]?.[block]?.bytes ?? new Uint8Array()))
    if (!same) throw new Error(`the libraries give document ${index} other CIDs`)
  }
}

/** Runs `work` over all items and records what one took. */
function perDocument<T, R>(bench: BenchRun, measure: Measure, contestant: string, items: readonly T[], work: (item: T) => R): readonly R[] {
  const start = performance.now()
  const results = items.map(work)
  bench.record(measure, contestant, items.length, [((performance.now() - start) * 1_000) / items.length])
  return results
}
