import type { FieldValues } from '../../document/field-values.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { idFieldName } from '../../schema/relations.ts'
import { components } from '../../util/components.ts'
import type { Pacer } from '../../util/pacer.ts'

/** A field that stores the ID of a document of a collection. */
interface LinkField {
  readonly field: string
  readonly target: CollectionVersion
}

/** The fields of a collection that link documents of `collections`. */
export function linkFields({ fields }: CollectionVersion, collections: readonly CollectionVersion[]): readonly LinkField[] {
  return fields.flatMap(({ name, kind, isPrimary }) => {
    if (kind.type !== 'relation' || kind.list || isPrimary !== true) return []
    const target = collections.find((collection) => collection.name === kind.collection)
    return target === undefined ? [] : [{ field: idFieldName(name), target }]
  })
}

/** A document with its links, by the field that stores them, to documents of the same backup. */
export interface Linked<Node> {
  readonly links: ReadonlyMap<string, Node>
}

/**
 * The order in which documents that link each other can be made. The ID of a document follows from its first content, and so from the IDs of those that it links. Where
 * links lead around in a circle, to the document itself or over others, no such content exists: all links within the circle are late. The documents are made without
 * them, and get them by an update. Both sides of a backup know the circles, so both come to the same IDs.
 */
export interface LinkOrder<Node> {
  /** Every document after those it links, but for late links. */
  readonly nodes: readonly Node[]
  /** Whether a link between these can only be set once both are there. */
  isLate(from: Node, to: Node): boolean
}

export async function linkOrder<Node extends Linked<Node>>(nodes: Iterable<Node>, pacer: Pacer): Promise<LinkOrder<Node>> {
  const circles = await components<Node>(nodes, ({ links }) => links.values(), pacer)
  const circleByNode = new Map<Node, readonly Node[]>()
  for (const circle of circles) {
    if (pacer.isDue()) await pacer.rest()
    for (const node of circle) circleByNode.set(node, circle)
  }
  return {
    nodes: circles.flat(),
    isLate: (from, to) => {
      const circle = circleByNode.get(from)
      return circle !== undefined && circle === circleByNode.get(to)
    },
  }
}

/** Values with their links set to the IDs that `idOf` gives; those it gives none for are left out. */
export function withLinks<Node>(
  values: FieldValues,
  links: ReadonlyMap<string, Node>,
  idOf: (target: Node) => string | undefined,
): FieldValues {
  if (links.size === 0) return values
  const linked = new Map(values)
  for (const [field, target] of links) {
    const id = idOf(target)
    if (id === undefined) linked.delete(field)
    else linked.set(field, id)
  }
  return linked
}
