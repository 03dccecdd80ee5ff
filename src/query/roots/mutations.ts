import { parseDocument } from '../../document/document-input.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { mapPaced } from '../../util/pacer.ts'
import type { QueryCollections } from '../collections.ts'
import type { Execution } from '../plan/execution.ts'
import { planSelect } from '../plan/plan-select.ts'
import { readRows } from '../plan/read-rows.ts'
import { runSelect, type Shown } from '../plan/run-select.ts'
import type { RequestField } from '../request/request-field.ts'
import { explainSelect } from '../explain/explain-select.ts'
import { iterationsOf, node, type Graph } from '../explain/graph.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import type { WorkLog } from '../plan/work.ts'
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
  const show = planShow(collection, field, collections, false)
  const part = {}
  return {
    run: async (execution) => {
      const documents = await mapPaced(given, execution.pacer, (document) => parseDocument(collection, document, 'create'))
      const docIds = documents.length === 0 ? [] : await execution.source.create(collection, documents)
      execution.work?.note(part, docIds.length)
      return show.run(docIds, execution)
    },
    explain: (mode) => {
      const counters = (work: WorkLog): Graph => ({ ...iterationsOf(part, work), creates: work.noted(part)?.rows ?? 0 })
      return node('createNode', mode, { attributes: { input: given }, counters }, explainSelect(show.plan, mode))
    },
  }
}

function planUpdate(collection: CollectionVersion, field: RequestField, collections: QueryCollections): Root {
  const patch = parseDocument(collection, field.arguments['input'] ?? {}, 'update')
  const show = planShow(collection, field, collections, false)
  const find = planFind(collection, field, collections, show.plan)
  const part = {}
  return {
    run: async (execution) => {
      const docIds = await find(execution)
      if (docIds.length > 0 && patch.size > 0) await execution.source.update(collection, docIds, patch)
      execution.work?.note(part, docIds.length)
      return show.run(docIds, execution)
    },
    explain: (mode) => {
      const { docID = null, filter = null, input = null } = field.arguments
      const counters = (work: WorkLog): Graph => ({ ...iterationsOf(part, work), updates: work.noted(part)?.rows ?? 0 })
      return node('updateNode', mode, { attributes: { docID, filter, input }, counters }, explainSelect(show.plan, mode))
    },
  }
}

function planDelete(collection: CollectionVersion, field: RequestField, collections: QueryCollections): Root {
  const show = planShow(collection, field, collections, true)
  const find = planFind(collection, field, collections, show.plan)
  const part = {}
  return {
    run: async (execution) => {
      const docIds = await find(execution)
      const deleted = docIds.length === 0 ? [] : await execution.source.delete(collection, docIds)
      execution.work?.note(part, deleted.length)
      return show.run(deleted, execution)
    },
    explain: (mode) => {
      const { docID = null, filter = null } = field.arguments
      const counters = (work: WorkLog): Graph => iterationsOf(part, work)
      return node('deleteNode', mode, { attributes: { docID, filter }, counters }, explainSelect(show.plan, mode))
    },
  }
}

function planUpsert(collection: CollectionVersion, field: RequestField, collections: QueryCollections): Root {
  const create = parseDocument(collection, field.arguments['create'], 'create')
  const update = parseDocument(collection, field.arguments['update'], 'update')
  const show = planShow(collection, field, collections, false)
  const find = planFind(collection, field, collections, show.plan)
  return {
    run: async (execution) => {
      const docIds = await find(execution)
      if (docIds.length > 1) {
        const message = `cannot upsert multiple matching documents: the filter matches ${docIds.length} of "${collection.name}" and may match one`
        throw new DatabaseError('INVALID_REQUEST', message, {})
      }
      if (docIds.length === 0) return show.run(await execution.source.create(collection, [create]), execution)
      if (update.size > 0) await execution.source.update(collection, docIds, update)
      return show.run(docIds, execution)
    },
    explain: (mode) => {
      const { filter, create: created, update: updated } = field.arguments
      return node('upsertNode', mode, { attributes: { filter, create: created, update: updated } }, explainSelect(show.plan, mode))
    },
  }
}

/** Finds the documents that `docID` and `filter` name; without either, all. Its work counts as that of `origin`. */
function planFind(
  collection: CollectionVersion,
  field: RequestField,
  collections: QueryCollections,
  origin: SelectPlan,
): (execution: Execution) => Promise<readonly string[]> {
  const { docID, filter } = field.arguments
  const plan = planSelect(collections, collection, { ...field, arguments: { docID, filter }, fields: [] })
  return async (execution) => (await readRows({ ...plan, origin }, execution)).map(({ docId }) => docId)
}

/** Selects documents by their IDs, in the order of the IDs. */
interface Show {
  readonly plan: SelectPlan
  run(docIds: readonly string[], execution: Execution): Promise<readonly Shown[]>
}

function planShow(collection: CollectionVersion, field: RequestField, collections: QueryCollections, showDeleted: boolean): Show {
  const plan = planSelect(collections, collection, { ...field, arguments: { showDeleted } })
  // How the documents are found stands in the plan of what is shown of them.
  const { docID, filter } = field.arguments
  const { filters, docIds } = planSelect(collections, collection, { ...field, arguments: { docID, filter }, fields: [] })
  const origin = { ...plan, filters, ...(docIds === undefined ? {} : { docIds }) }
  return { plan: origin, run: (ids, execution) => runSelect({ ...plan, docIds: ids, origin }, execution) }
}
