import { documentId } from '../../document/document-id.ts'
import type { FieldValues } from '../../document/field-values.ts'
import { keys } from '../../document/keys.ts'
import { decodeRecord } from '../../document/record-codec.ts'
import type { DocumentRecord } from '../../document/record.ts'
import { decodeValue } from '../../document/value.ts'
import { isShown } from '../../query/row.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { knownValueKind } from '../../schema/kinds.ts'
import type { Pacer } from '../../util/pacer.ts'
import type { View } from '../view.ts'
import { exportedValues } from './exported-values.ts'
import { linkFields, linkOrder, withLinks, type Linked } from './links.ts'
import { ROWS_PER_DOCUMENT, shownDocuments } from './shown-documents.ts'

/** The IDs that the documents of a backup get when they are imported. */
export interface NewIds {
  /** The ID of a document, and its values as they are after the import: links by new IDs, and null in the place of a link to what is not there. */
  of(collection: CollectionVersion, document: NamedRecord): { readonly docId: string; readonly values: FieldValues }
}

interface NamedRecord {
  readonly docId: string
  readonly record: DocumentRecord
}

/** A document that others link to. A million comments on ten posts have ten of these, so that little is kept of much. */
interface Target extends Linked<Target> {
  readonly collection: CollectionVersion
  readonly docId: string
  readonly links: Map<string, Target>
}

/** Reads the documents of `collections` that link others, and those that are linked. */
export async function findNewIds(view: View, collections: readonly CollectionVersion[], pacer: Pacer): Promise<NewIds> {
  const targets = await findTargets(view, collections, pacer)
  const order = await linkOrder(targets.all(), pacer)
  const newIds = new Map<Target, string>()
  await readTargets(view, order.nodes, pacer, (node, record) => {
    const { links } = targets.linksOf(node.collection, record)
    const values = exportedValues(node.collection, record)
    const first = withLinks(values, links, (target) => (order.isLate(node, target) ? undefined : newIds.get(target)))
    newIds.set(node, documentId(node.collection, first))
  })
  return {
    of: (collection, { docId, record }) => {
      const { links, broken } = targets.linksOf(collection, record)
      const values = new Map(withLinks(exportedValues(collection, record), links, (target) => newIds.get(target)))
      for (const field of broken) values.set(field, null)
      const target = targets.find(collection, docId)
      // What nobody links is in no circle: it is created with all of its links.
      const known = target === undefined ? undefined : newIds.get(target)
      return { docId: known ?? documentId(collection, values), values }
    },
  }
}

interface Targets {
  all(): readonly Target[]
  find(collection: CollectionVersion, docId: string): Target | undefined
  /** The links of a document, and its fields that link what is not there. */
  linksOf(
    collection: CollectionVersion,
    record: DocumentRecord,
  ): { readonly links: Map<string, Target>; readonly broken: readonly string[] }
}

async function findTargets(view: View, collections: readonly CollectionVersion[], pacer: Pacer): Promise<Targets> {
  const fieldsByCollection = new Map(collections.map((collection) => [collection, linkFields(collection, collections)]))
  const byId = new Map(collections.map((collection) => [collection, new Map<string, Target>()]))
  const targets: Targets = {
    all: () => [...byId.values()].flatMap((ofCollection) => [...ofCollection.values()]),
    find: (collection, docId) => byId.get(collection)?.get(docId),
    linksOf: (collection, record) => {
      const links = new Map<string, Target>()
      const broken: string[] = []
      for (const { field, target } of fieldsByCollection.get(collection) ?? []) {
        const docId = linkedId(record, field)
        if (docId === undefined) continue
        const linked = targets.find(target, docId)
        if (linked === undefined) broken.push(field)
        else links.set(field, linked)
      }
      return { links, broken }
    },
  }
  for (const [collection, fields] of fieldsByCollection) {
    if (fields.length === 0) continue
    for await (const { record } of shownDocuments(view, collection, pacer)) {
      for (const { field, target } of fields) {
        const docId = linkedId(record, field)
        if (docId === undefined || targets.find(target, docId) !== undefined) continue
        // A peer may have put anything there.
        if (keys.isDocumentId(docId)) byId.get(target)?.set(docId, { collection: target, docId, links: new Map() })
      }
    }
  }
  const there = new Set<Target>()
  await readTargets(view, targets.all(), pacer, (node, record) => {
    there.add(node)
    for (const [field, target] of targets.linksOf(node.collection, record).links) node.links.set(field, target)
  })
  for (const node of targets.all()) {
    if (!there.has(node)) byId.get(node.collection)?.delete(node.docId)
    for (const [field, target] of node.links) if (!there.has(target)) node.links.delete(field)
  }
  return targets
}

/** Records that are read together. */
const READ_AT_ONCE = 256

/** Calls `visit` for each of these that is there, in order. */
async function readTargets(
  view: View,
  nodes: readonly Target[],
  pacer: Pacer,
  visit: (node: Target, record: DocumentRecord) => void,
): Promise<void> {
  for (let start = 0; start < nodes.length; start += READ_AT_ONCE) {
    const part = nodes.slice(start, start + READ_AT_ONCE)
    const found = await view.getMany(part.map(({ collection, docId }) => keys.document(collection.collectionId, docId)))
    for (const [index, node] of part.entries()) {
      if (pacer.isDue(ROWS_PER_DOCUMENT)) await pacer.rest()
      const bytes = found[index]
      const record = bytes === undefined ? undefined : decodeRecord(bytes)
      if (record !== undefined && isShown(record, false)) visit(node, record)
    }
  }
}

const ID_KIND = knownValueKind('ID')

/** The ID that a field stores; `undefined` where it stores none. */
function linkedId(record: DocumentRecord, field: string): string | undefined {
  const stored = record.fields.get(field)
  const docId = stored === undefined ? null : decodeValue(ID_KIND, stored.data)
  return typeof docId === 'string' ? docId : undefined
}
