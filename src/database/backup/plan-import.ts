import type { FieldValues } from '../../document/field-values.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { forEachPaced, type Pacer } from '../../util/pacer.ts'
import { newDocument, type NewDocument } from '../write-documents.ts'
import { linkFields, linkOrder, withLinks, type Linked } from './links.ts'
import type { BackupDocument } from './read-backup.ts'

/** What an import writes of one collection. */
export interface PlannedCollection {
  readonly collection: CollectionVersion
  readonly documents: readonly NewDocument[]
  /** Links that are set once all documents are there. */
  readonly late: readonly { readonly docId: string; readonly values: FieldValues }[]
}

interface Node extends Linked<Node> {
  readonly document: BackupDocument
  readonly links: ReadonlyMap<string, Node>
}

/**
 * Finds the IDs that the documents get, and links them by these. A link to an ID that the backup states for one of its documents is a link to that document, whatever ID
 * it comes to; any other is kept. `complete` adds what is made from the values of a document before it has an ID.
 * @throws ALREADY_EXISTS for documents that are the same
 */
export async function planImport(
  documents: readonly BackupDocument[],
  complete: (collection: CollectionVersion, values: FieldValues) => FieldValues,
  pacer: Pacer,
): Promise<readonly PlannedCollection[]> {
  const nodes = await linkAll(documents, pacer)
  const order = await linkOrder(nodes, pacer)
  const newDocuments = new Map<Node, NewDocument>()
  const idOf = (node: Node): string | undefined => newDocuments.get(node)?.docId
  await forEachPaced(order.nodes, pacer, (node) => {
    const { collection, values } = node.document
    const first = withLinks(values, node.links, (target) => (order.isLate(node, target) ? undefined : idOf(target)))
    newDocuments.set(node, newDocument(collection, complete(collection, first)))
  })
  refuseTwins(nodes, idOf)
  return [...Map.groupBy(nodes, ({ document }) => document.collection)].map(([collection, own]) => ({
    collection,
    documents: own.flatMap((node) => newDocuments.get(node) ?? []),
    late: own.flatMap((node) => {
      const late = [...node.links].filter(([, target]) => order.isLate(node, target))
      const values = new Map(late.flatMap(([field, target]) => [[field, idOf(target) ?? null] as const]))
      return late.length === 0 ? [] : [{ docId: idOf(node) ?? '', values }]
    }),
  }))
}

async function linkAll(documents: readonly BackupDocument[], pacer: Pacer): Promise<readonly Node[]> {
  const nodes = documents.map((document) => ({ document, links: new Map<string, Node>() }))
  const byCollection = Map.groupBy(nodes, ({ document }) => document.collection)
  const collections = [...byCollection.keys()]
  const byStatedId = new Map(
    [...byCollection].map(([collection, own]) => [
      collection,
      new Map(own.flatMap((node) => (node.document.statedId === undefined ? [] : [[node.document.statedId, node] as const]))),
    ]),
  )
  for (const [collection, own] of byCollection) {
    const fields = linkFields(collection, collections)
    await forEachPaced(own, pacer, ({ document, links }) => {
      for (const { field, target } of fields) {
        const id = document.values.get(field)
        const linked = typeof id === 'string' ? byStatedId.get(target)?.get(id) : undefined
        if (linked !== undefined) links.set(field, linked)
      }
    })
  }
  return nodes
}

/** Two documents that differ in their history alone have the same content now, and so the same ID. */
function refuseTwins(nodes: readonly Node[], idOf: (node: Node) => string | undefined): void {
  const byId = new Map<string, Node>()
  for (const node of nodes) {
    const docId = idOf(node) ?? ''
    const twin = byId.get(docId)
    if (twin !== undefined) throw twins(twin.document, node.document, docId)
    byId.set(docId, node)
  }
}

function twins(first: BackupDocument, second: BackupDocument, docId: string): DatabaseError<'ALREADY_EXISTS'> {
  const message = `a document with the given ID already exists: ${second.where} has the content of ${first.where}, and documents with equal content are one document: "${docId}"; remove one of them from the backup, or change a field of it`
  return new DatabaseError('ALREADY_EXISTS', message, { what: 'document', id: docId })
}
