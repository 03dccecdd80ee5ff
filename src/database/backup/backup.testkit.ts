import type { BackupApi, Database, Document } from '../database.ts'

/** The whole text of a backup. */
export async function exported(db: Database, options?: Parameters<BackupApi['export']>[0]): Promise<string> {
  return (await Array.fromAsync(db.backup.export(options))).join('')
}

/** A backup as an object; numbers that need it are not exact. */
export async function exportedObject(db: Database): Promise<Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>> {
  return JSON.parse(await exported(db))
}

/** A text as bytes in pieces of this length, which cut characters too. */
export async function* bytesOf(text: string, length: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length)
}

/** All documents of a collection. */
export function documentsOf(db: Database, name: string): Promise<readonly (Document | undefined)[]> {
  const collection = db.collection(name)
  return Array.fromAsync(collection.docIDs(), (docID) => collection.get(docID))
}
