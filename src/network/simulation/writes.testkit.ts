import type { Database } from '../../database/database.ts'
import { isFailure } from '../../errors.ts'
import type { Created, Ledger } from './ledger.testkit.ts'
import type { CollectionName, Write } from './plan.testkit.ts'

/** What the collections of a simulation are. */
export const SCHEMA =
  'type Note { title: String @index text: String votes: Int @crdt(type: pncounter) } type Log @branchable { title: String text: String votes: Int @crdt(type: pncounter) }'
/** One that some nodes get to know later. */
export const LATE_SCHEMA = 'type Task { title: String text: String votes: Int @crdt(type: pncounter) }'

/** The document is not known here, or deleted, or made by somebody else already; the collection is not known yet; the node closes; its disk makes trouble. */
const REFUSALS: readonly string[] = ['NOT_FOUND', 'ALREADY_EXISTS', 'CLOSED', 'CONFLICT', 'STORAGE_FULL', 'STORAGE_FAILED']

/** Does a write of a plan, and enters into the ledger what was acknowledged of it. Never settles when the process ends meanwhile. */
export async function write(db: Database, ledger: Ledger, serial: number, write: Write): Promise<void> {
  try {
    await attempt(db, ledger, serial, write)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
}

/** Whether something was refused for a reason that nobody can help. */
export function isRefusal(error: unknown): boolean {
  return isFailure(error) && REFUSALS.includes(error.code)
}

async function attempt(db: Database, ledger: Ledger, serial: number, write: Write): Promise<void> {
  switch (write.kind) {
    case 'create': {
      const documents = Array.from({ length: write.count }, (_, index) => ({
        title: `document ${serial}.${index}`,
        text: 'x'.repeat(write.bytes),
        votes: 0,
      }))
      const ids = await db.collection(write.collection).create(documents)
      for (const docId of ids) ledger.created({ collection: write.collection, docId })
      return
    }
    case 'twin': {
      const docId = await db.collection('Note').create({ title: `twin ${write.number}`, text: '', votes: 0 })
      return ledger.created({ collection: 'Note', docId })
    }
    case 'edit': {
      const documents = write.documents.flatMap((number) => documentOf(ledger, number) ?? [])
      const [first] = documents
      if (first === undefined) return
      const text = (index: number): string => `text ${serial}.${index}.`
      if (documents.length === 1) await db.collection(first.collection).update(first.docId, { text: text(0) })
      else {
        await db.transaction(async (transaction) => {
          for (const [index, { collection, docId }] of documents.entries()) {
            await transaction.collection(collection).update(docId, { text: text(index) })
          }
        })
      }
      for (const index of documents.keys()) ledger.edited(text(index))
      return
    }
    case 'count': {
      const document = documentOf(ledger, write.document)
      if (document === undefined || write.by === 0) return
      const settle = ledger.counting(document.docId, write.by)
      try {
        await db.collection(document.collection).update(document.docId, { votes: write.by })
      } catch (error) {
        settle(false)
        throw error
      }
      return settle(true)
    }
    case 'delete': {
      const document = documentOf(ledger, write.document)
      if (document === undefined) return
      if (await db.collection(document.collection).delete(document.docId)) ledger.removed(document.docId)
      return
    }
  }
}

/** Of those that there are by now. */
export function documentOf({ documents }: Ledger, number: number): Created | undefined {
  return documents[number % documents.length]
}

/** The collections that a node knows which has learnt all. */
export const COLLECTIONS: readonly CollectionName[] = ['Note', 'Log', 'Task']
