import { parseDocument } from '../../document/document-input.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { QueryCollections } from '../collections.ts'
import type { Execution } from '../plan/execution.ts'
import { planSelect } from '../plan/plan-select.ts'
import { readRows } from '../plan/read-rows.ts'
import { runSelect, type Shown } from '../plan/run-select.ts'
import type { RequestField } from '../request/request-field.ts'
import type { Root, RootPlanner } from './root.ts'

type MutationPlanner = (collection: CollectionVersion, field: RequestField, collections: QueryCollections) => Root

/** Mutations by the prefix of their name. */
const MUTATIONS: ReadonlyMap<string, MutationPlanner> = new Map([
  ['create', planCreate],
  ['update', planUpdate],
  ['delete', planDelete],
  ['upsert', planUpsert],
])

/** `create_Users(…)` and the like: writes, then selects what was written. */
export const mutationRoot: RootPlanner = (field, collections) => {
  const separator = field.name.indexOf('_')
  const collection = collections.named(field.name.slice(separator + 1))
  const planner = MUTATIONS.get(field.name.slice(0, separator))
  return collection === undefined ? undefined : planner?.(collection, field, collections)
}

function planCreate(collection: CollectionVersion, field: RequestField, collections: QueryCollections): Root {
  const { input, encrypt, encryptFields } = field.arguments
  if (encrypt === true || (Array.isArray(encryptFields) && encryptFields.length > 0)) {
    throw new DatabaseError('UNSUPPORTED', 'documents cannot be encrypted', { feature: 'encryption' })
  }
  const given: readonly unknown[] = Array.isArray(input) ? input : []
  const documents = given.map((document) => parseDocument(collection, document, 'create'))
  const show = planShow(collection, field, collections, false)
  return { run: async (execution) => show(documents.length === 0 ? [] : await execution.source.create(collection, documents), execution) }
}

function planUpdate(collection: CollectionVersion, field: RequestField, collections: QueryCollections): Root {
  const patch = parseDocument(collection, field.arguments['input'] ?? {}, 'update')
  const find = planFind(collection, field, collections)
  const show = planShow(collection, field, collections, false)
  return {
    run: async (execution) => {
      const docIds = await find(execution)
      if (docIds.length > 0 && patch.size > 0) await execution.source.update(collection, docIds, patch)
      return show(docIds, execution)
    },
  }
}

function planDelete(collection: CollectionVersion, field: RequestField, collections: QueryCollections): Root {
  const find = planFind(collection, field, collections)
  const show = planShow(collection, field, collections, true)
  return {
    run: async (execution) => {
      const docIds = await find(execution)
      return show(docIds.length === 0 ? [] : await execution.source.delete(collection, docIds), execution)
    },
  }
}

function planUpsert(collection: CollectionVersion, field: RequestField, collections: QueryCollections): Root {
  const create = parseDocument(collection, field.arguments['create'], 'create')
  const update = parseDocument(collection, field.arguments['update'], 'update')
  const find = planFind(collection, field, collections)
  const show = planShow(collection, field, collections, false)
  return {
    run: async (execution) => {
      const docIds = await find(execution)
      if (docIds.length > 1) {
        const message = `cannot upsert multiple matching documents: the filter matches ${docIds.length} of "${collection.name}" and may match one`
        throw new DatabaseError('INVALID_REQUEST', message, {})
      }
      if (docIds.length === 0) return show(await execution.source.create(collection, [create]), execution)
      if (update.size > 0) await execution.source.update(collection, docIds, update)
      return show(docIds, execution)
    },
  }
}

/** Finds the documents that `docID` and `filter` name; without either, all. */
function planFind(
  collection: CollectionVersion,
  field: RequestField,
  collections: QueryCollections,
): (execution: Execution) => Promise<readonly string[]> {
  const { docID, filter } = field.arguments
  const plan = planSelect(collections, collection, { ...field, arguments: { docID, filter }, fields: [] })
  return async (execution) => (await readRows(plan, execution)).map(({ docId }) => docId)
}

/** Selects documents by their IDs, in the order of the IDs. */
function planShow(
  collection: CollectionVersion,
  field: RequestField,
  collections: QueryCollections,
  showDeleted: boolean,
): (docIds: readonly string[], execution: Execution) => Promise<readonly Shown[]> {
  const plan = planSelect(collections, collection, { ...field, arguments: { showDeleted } })
  return (docIds, execution) => runSelect({ ...plan, docIds }, execution)
}
