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

/** A claim names one of the documents, and says so when there are several. */
function expectClaim({ value }: Entry, documents: readonly string[] | undefined): void {
  if (documents === undefined) return
  const holder = bytesToHex(value.subarray(0, 16))
  expect(
    documents.map((docId) => docId.replace('bae-', '').replaceAll('-', '')),
    'holder of a claim',
  ).toContain(holder)
  // It may say so still when there is one again.
  if (documents.length > 1) expect(value.at(-1), 'claim on what several documents have').toBe(1)
}
