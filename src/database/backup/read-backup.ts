import type { FieldValues } from '../../document/field-values.ts'
import type { TextPlace } from '../../document/json.ts'
import { jsonCutter } from '../../document/json-cutter.ts'
import { DatabaseError, isFailure } from '../../errors.ts'
import { documentNames } from '../../query/dialect/document-names.ts'
import { isPlainObject } from '../../query/filter/value-condition.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { Pacer } from '../../util/pacer.ts'
import { quote } from '../../util/quote.ts'
import type { Catalog } from '../catalog.ts'
import { backupCollection } from './backup-collection.ts'
import { ROWS_PER_DOCUMENT } from './shown-documents.ts'

/** A document as a backup has it. */
export interface BackupDocument {
  readonly collection: CollectionVersion
  readonly values: FieldValues
  /** The ID under which other documents of the backup link it; absent where the backup has none. */
  readonly statedId: string | undefined
  /** Where it stands, for messages: `document 3 of "Note" (line 1, column 120)`. */
  readonly where: string
}

/**
 * Reads the documents of a backup: an object of lists of documents by the name of their collection. Members that are no fields are `_docID`, and `_docIDNew`, which
 * others link.
 * @throws INVALID_DOCUMENT, NOT_FOUND
 */
export async function* readBackup(pieces: AsyncIterator<string>, catalog: Catalog, pacer: Pacer): AsyncGenerator<BackupDocument, void> {
  const cutter = jsonCutter('the backup', pieces)
  if (!(await cutter.take('{'))) cutter.fail('"{" before lists of documents by the name of their collection')
  if (!(await cutter.take('}'))) {
    do {
      if ((await cutter.peek()) !== '"') cutter.fail('the name of a collection in double quotation marks')
      const name = String((await cutter.value()).value)
      const parse = documentReader(catalog, name)
      if (!(await cutter.take(':'))) cutter.fail('":"')
      if (!(await cutter.take('['))) cutter.fail(`"[" before the documents of ${quote(name)}`)
      if (await cutter.take(']')) continue
      let number = 0
      do {
        if (pacer.isDue(ROWS_PER_DOCUMENT)) await pacer.rest()
        const { value, place } = await cutter.value()
        yield parse(value, ++number, place)
      } while (await cutter.take(','))
      if (!(await cutter.take(']'))) cutter.fail('"," or "]"')
    } while (await cutter.take(','))
    if (!(await cutter.take('}'))) cutter.fail('"," or "}"')
  }
  if ((await cutter.peek()) !== '') cutter.fail('the end')
}

function documentReader(catalog: Catalog, name: string): (input: unknown, number: number, place: TextPlace) => BackupDocument {
  const collection = backupCollection(catalog, name)
  const names = documentNames(catalog.dialect, collection)
  return (input, number, { line, column }) => {
    const where = `document ${number} of "${name}" (line ${line}, column ${column})`
    try {
      const { _docID, _docIDNew, ...fields } = isPlainObject(input) ? input : {}
      const [ownId, newId] = [idMember(collection, '_docID', _docID), idMember(collection, '_docIDNew', _docIDNew)]
      const values = names.parse(isPlainObject(input) ? fields : input, 'create')
      return { collection, values, statedId: newId ?? ownId, where }
    } catch (error) {
      if (!isFailure(error, 'INVALID_DOCUMENT')) throw error
      throw new DatabaseError('INVALID_DOCUMENT', `${where}: ${error.message}`, error.details, { cause: error })
    }
  }
}

function idMember({ name }: CollectionVersion, field: string, value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
  const message = `"${field}" takes the ID of a document, not ${quote(value)}`
  throw new DatabaseError('INVALID_DOCUMENT', message, { collection: name, field, value })
}
