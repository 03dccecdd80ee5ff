import { expect } from 'vitest'

import { COLLECTION_DAG } from '../block/replicated-commit.ts'
import { headCids } from '../dag/heads.ts'
import { keys } from '../document/keys.ts'
import { decodeHeads, decodeRecord } from '../document/record-codec.ts'
import type { KeyRange } from '../storage/store.ts'
import { bytesToHex } from '../util/bytes.ts'
import { loadCatalog } from './catalog.ts'
import { BUCKETS, FAN_OUT, fingerprintsOfDocuments, PRINT_BYTES, type Fingerprints } from './fingerprints.ts'
import type { View } from './view.ts'

/** Every key of fingerprints begins with one of these bytes. */
export const FINGERPRINT_KEYS: KeyRange = { from: Uint8Array.of(0x06), to: Uint8Array.of(0x09) }

/** Checks that the stored fingerprints of every bucket that is not marked are those of its documents, and that there are none of other collections. */
export async function expectFingerprintsConsistent(store: View): Promise<void> {
  const stored = new Map((await store.scan(FINGERPRINT_KEYS)).map(({ key, value }) => [bytesToHex(key), value]))
  for (const collectionId of new Set((await loadCatalog(store)).versions.map((version) => version.collectionId))) {
    const isKept = stored.delete(bytesToHex(keys.fingerprinted(collectionId)))
    const { parts } = await freshFingerprints(store, collectionId)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const isStale = stored.delete(bytesToHex(keys.staleBucket(collectionId, bucket)))
      const name = bytesToHex(keys.fingerprints(collectionId, bucket))
      const prints = stored.get(name) ?? new Uint8Array(FAN_OUT * PRINT_BYTES)
      stored.delete(name)
      if (isStale || !isKept) continue
      const wanted = parts.slice(bucket * FAN_OUT * PRINT_BYTES, (bucket + 1) * FAN_OUT * PRINT_BYTES)
      expect(bytesToHex(prints), `fingerprints of bucket ${bucket}`).toBe(bytesToHex(wanted))
    }
  }
  expect([...stored.keys()], 'fingerprints that nothing leads to').toEqual([])
}

/** Made of everything there is. */
export async function freshFingerprints(store: View, collectionId: string): Promise<Fingerprints> {
  const own = await store.get(keys.collectionHeads(collectionId))
  const documents = await store.scan(keys.documentsOf(collectionId))
  return fingerprintsOfDocuments([
    ...(own === undefined ? [] : [{ docId: COLLECTION_DAG, heads: headCids(decodeHeads(own)) }]),
    ...documents.map(({ key, value }) => ({ docId: keys.docIdOf(key), heads: headCids(decodeRecord(value).heads) })),
  ])
}
