import { DatabaseError } from '../../../errors.ts'
import type { CommandOption } from '../../command.ts'
import { parseJsonObject } from '../../read-input.ts'
import { UsageError } from '../../usage-error.ts'

/** Options of commands that change some documents of a collection. */
export const DOCUMENT_OPTIONS: {
  readonly docID: CommandOption & { readonly kind: 'list' }
  readonly filter: CommandOption & { readonly kind: 'text' }
} = {
  docID: { kind: 'list', value: 'ids', description: 'the documents with these IDs' },
  filter: { kind: 'text', value: 'filter', description: 'the documents that match, such as {"age": {"_gt": 18}}' },
}

/** One document is asked for by its ID, several by a filter, which changes all of them or none. */
export type DocumentChoice =
  | { readonly kind: 'one'; readonly docID: string }
  | { readonly kind: 'many'; readonly filter: object | string; readonly docIDs: readonly string[] }

/** @throws UsageError when the options name no documents, or name them in two ways */
export function documentChoice(options: { readonly docID: readonly string[]; readonly filter: string | undefined }): DocumentChoice {
  const [first, ...more] = options.docID
  if (options.filter !== undefined) {
    if (first !== undefined) throw new UsageError('name the documents by --docID or by --filter, not by both')
    return { kind: 'many', filter: filterOf(options.filter), docIDs: [] }
  }
  if (first === undefined) throw new UsageError('there are no documents; name them by --docID or --filter')
  if (more.length === 0) return { kind: 'one', docID: first }
  return { kind: 'many', filter: { _docID: { _in: options.docID } }, docIDs: options.docID }
}

/** A filter as JSON, or as GraphQL text. */
function filterOf(text: string): object | string {
  try {
    return parseJsonObject(text, 'the value of --filter')
  } catch {
    // What is wrong with it is said by the collection, which reads both.
    return text
  }
}

/** What DefraDB's commands print of a change. */
export function changedDocuments(docIDs: readonly string[]): { readonly Count: number; readonly DocIDs: readonly string[] } {
  return { Count: docIDs.length, DocIDs: docIDs }
}

/** @throws NOT_FOUND when documents that were named are not among those that changed */
export function checkAllThere(named: readonly string[], changed: readonly string[]): void {
  const missing = named.filter((docID) => !changed.includes(docID))
  if (missing.length > 0) throw noSuchDocument(missing.join(', '))
}

export function noSuchDocument(docID: string): DatabaseError {
  return new DatabaseError('NOT_FOUND', `there is no document ${docID}`, { what: 'document', id: docID })
}
