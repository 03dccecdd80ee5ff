import type { FieldValues } from '../document/field-values.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { DocumentRecord } from '../document/record.ts'
import { decodeValue } from '../document/value.ts'
import { STATUS_DELETED } from '../block/block.ts'
import { DatabaseError } from '../errors.ts'
import type { Pacer } from '../util/pacer.ts'
import { quote } from '../util/quote.ts'
import { documentNames, type DocumentNames } from '../query/dialect/document-names.ts'
import type { QuerySource } from '../query/source.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { CallOptions, Collection } from './database.ts'
import type { Session, SessionJob } from './session.ts'
import type { Catalog } from './catalog.ts'
import { readSource } from './document-source.ts'
import { checkOneToOne } from './one-to-one.ts'
import {
  createDocuments,
  deleteDocuments,
  documentIds,
  newDocument,
  newDocuments,
  updateDocuments,
  type WriteTools,
  type WrittenCommit,
} from './write-documents.ts'
import type { View, WriteView } from './view.ts'

/**
 * The collection API over a session. The description is looked up at each call, so a handle stays right when the schema changes.
 *
 * `T` is the caller's word for the shape of its documents; what goes in is checked against the schema, so what comes out has that shape.
 */
export function openCollection<T extends object>(session: Session, name: string): Collection<T> {
  const describe = (): CollectionVersion => session.catalog().named(name)
  const namesIn = (collection: CollectionVersion): DocumentNames => documentNames(session.catalog().dialect, collection)
  describe()

  async function write(
    what: string,
    body: (view: WriteView, catalog: Catalog, tools: WriteTools) => Promise<readonly WrittenCommit[]>,
    options: CallOptions = {},
    reads: readonly Uint8Array[] = [],
  ): Promise<readonly string[]> {
    describe()
    const operation = `${what} of ${name}`
    const { signal } = options
    const job: SessionJob<readonly WrittenCommit[]> = {
      name: operation,
      reads,
      body: (view, catalog, vectors) =>
        body(view, catalog, { vectors, pacer: session.pacer(operation, signal), randomness: session.randomness }),
    }
    return documentIds(await session.write(job, signal))
  }

  const sourceOf = (view: View, pacer: Pacer): QuerySource => readSource(view, { overflows: session.overflows, pacer })

  /** Writes the same values to each of these documents. */
  async function updateAll(
    view: WriteView,
    catalog: Catalog,
    docIds: readonly string[],
    values: FieldValues,
    tools: WriteTools,
  ): Promise<readonly WrittenCommit[]> {
    const collection = catalog.named(name)
    const writes = docIds.map((docId) => ({ docId, values }))
    await checkOneToOne(catalog, collection, writes, sourceOf(view, tools.pacer))
    return updateDocuments(view, collection, docIds, values, tools)
  }

  /** IDs of the documents that match, in ID order. */
  async function matching(
    view: View,
    catalog: Catalog,
    filter: object | string,
    { pacer }: WriteTools,
    options?: CallOptions,
  ): Promise<readonly string[]> {
    return catalog.engine().find(catalog.named(name), filter, sourceOf(view, pacer), options)
  }

  function create(documents: readonly T[], options?: CallOptions): Promise<string[]>
  function create(document: T, options?: CallOptions): Promise<string>
  async function create(input: T | readonly T[], options?: CallOptions): Promise<string | string[]> {
    const many = Array.isArray(input)
    const inputs: readonly unknown[] = many ? input : [input]
    const described = describe()
    const { parse } = namesIn(described)
    // Read at once, since the caller may go on changing what he passed. The IDs of many are hashed in slices, when it is their turn.
    const values = inputs.map((document) => parse(document, 'create'))
    const single = values.length === 1 ? values.map((given) => newDocument(described, given)) : undefined
    const ids = await write(
      'create',
      async (view, catalog, tools) => {
        const documents = single ?? (await newDocuments(described, values, tools.pacer))
        await checkOneToOne(catalog, catalog.named(name), documents, sourceOf(view, tools.pacer))
        return createDocuments(view, catalog.named(name), documents, tools)
      },
      options,
      single?.flatMap(({ reads }) => reads),
    )
    return many ? [...ids] : (ids[0] ?? '')
  }

  return {
    name,
    create,
    get: async (docID, options = {}) => {
      const collection = describe()
      const bytes = await session.view.get(keys.document(collection.collectionId, docID))
      if (bytes === undefined) return undefined
      const record = decodeRecord(bytes)
      if (record.secrecy === 'sealed' || (record.status === STATUS_DELETED && options.showDeleted !== true)) return undefined
      return documentOf<T>(collection, docID, record, namesIn(collection))
    },
    update: async (docID, patch, options) => {
      const values = namesIn(describe()).parse(patch, 'update')
      const reads = [keys.document(describe().collectionId, docID)]
      await write('update', (view, catalog, tools) => updateAll(view, catalog, [docID], values, tools), options, reads)
    },
    updateMany: async (filter, patch, options) => {
      if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) throw noUpdater(patch)
      const values = namesIn(describe()).parse(patch, 'update')
      return [
        ...(await write(
          'update',
          async (view, catalog, tools) => updateAll(view, catalog, await matching(view, catalog, filter, tools, options), values, tools),
          options,
        )),
      ]
    },
    delete: async (docID, options) => {
      const reads = [keys.document(describe().collectionId, docID)]
      const ids = await write(
        'delete',
        (view, catalog, tools) => deleteDocuments(view, catalog.named(name), [docID], tools),
        options,
        reads,
      )
      return ids.length > 0
    },
    deleteMany: async (filter, options) => [
      ...(await write(
        'delete',
        async (view, catalog, tools) =>
          deleteDocuments(view, catalog.named(name), await matching(view, catalog, filter, tools, options), tools),
        options,
      )),
    ],
    docIDs: async function* (options: CallOptions = {}) {
      const source = sourceOf(session.view, session.pacer(`a read of ${name}`, options.signal))
      const signal = options.signal === undefined ? {} : { signal: options.signal }
      for await (const batch of source.documents(describe(), { showDeleted: false, ...signal })) {
        for (const { docId } of batch) yield docId
      }
    },
  }
}

function noUpdater(patch: unknown): DatabaseError {
  const message = `the updater of a document is of invalid type: ${quote(patch)}; it takes an object of values by field name`
  return new DatabaseError('INVALID_ARGUMENT', message, { argument: 'patch', value: patch })
}

/** The document as an object: every field that holds a value of its own, null where none is set. */
function documentOf<T extends object>(
  collection: CollectionVersion,
  docId: string,
  record: DocumentRecord,
  { shown }: DocumentNames,
): T & { readonly _docID: string } {
  const document: Record<string, unknown> = { _docID: docId }
  for (const { name, kind, relationName, isPrimary } of collection.fields) {
    const isElsewhere = relationName !== undefined && isPrimary !== true
    if (kind.type !== 'value' || name === '_docID' || isElsewhere) continue
    const field = record.fields.get(name)
    document[shown(name)] = field === undefined ? null : decodeValue(kind, field.data)
  }
  // The one place where stored values take on the shape the caller has named.
  return document as T & { readonly _docID: string }
}
