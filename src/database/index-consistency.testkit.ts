import { expect } from 'vitest'

import { entriesOfDocument } from '../document/index-entries.ts'
import { entryDocId } from '../document/index-key.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { Entry, KeyRange } from '../storage/store.ts'
import { bytesToHex } from '../util/bytes.ts'
import { loadCatalog } from './catalog.ts'
import { maintainedIndexes } from './maintained-indexes.ts'
import type { View } from './view.ts'

/** Every key of an index begins with one of these bytes. */
export const INDEX_KEYS: KeyRange = { from: Uint8Array.of(0x20), to: Uint8Array.of(0x24) }

/**
 * Checks that a store holds exactly what the indexes of its active collections have to hold of its documents: entries, marks of documents that are too large, marks of
 * built indexes, and of every value of a unique index one claim by a document that has it.
 */
export async function expectIndexesConsistent(store: View): Promise<void> {
  const stored = await store.scan(INDEX_KEYS)
  const expected: Uint8Array[] = []
  const holders = new Map<string, string[]>()
  for (const collection of (await loadCatalog(store)).active()) {
    const indexes = maintainedIndexes(collection)
    for (const { layout } of indexes) expected.push(keys.builtIndex(layout.collectionId, layout.id))
    for (const { key, value } of await store.scan(keys.documentsOf(collection.collectionId))) {
      const docId = keys.docIdOf(key)
      for (const { layout, description } of indexes) {
        const found = entriesOfDocument(layout, docId, decodeRecord(value))
        if (found.kind === 'too many') {
          expected.push(keys.indexOverflow(layout.collectionId, layout.id, docId))
          continue
        }
        for (const entry of found.entries) {
          expected.push(entry.key)
          if (!description.unique || entry.isShared) continue
          const claim = bytesToHex(keys.indexClaim(entry.key))
          holders.set(claim, [...(holders.get(claim) ?? []), entryDocId(entry.key)])
        }
      }
    }
  }
  const texts = [...expected.map(bytesToHex), ...holders.keys()].toSorted()
  expect(
    stored.map(({ key }) => bytesToHex(key)),
    'keys of indexes',
  ).toEqual(texts)
  for (const claim of stored) expectClaim(claim, holders.get(bytesToHex(claim.key)))
}

/** A claim counts the documents, and names one of them where it names any. */
function expectClaim({ value }: Entry, documents: readonly string[] | undefined): void {
  if (documents === undefined) return
  expect(bytesToHex(value.subarray(0, 4)), 'count of a claim').toBe(documents.length.toString(16).padStart(8, '0'))
  const named = bytesToHex(value.subarray(4))
  expect(['', ...documents.map((docId) => docId.replace('bae-', '').replaceAll('-', ''))], 'document of a claim').toContain(named)
}
