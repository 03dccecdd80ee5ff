import { Kind, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionNode, type ValueNode } from 'graphql'

import { limitExceeded, type QueryLimits } from '../limits.ts'

/** What multiplies by the size of the schema at each level of introspection. */
const SCHEMA_LISTS: ReadonlySet<string> = new Set(['fields', 'args', 'inputFields', 'interfaces', 'possibleTypes'])

/** A selection, and where it is used. */
interface Use {
  readonly selection: SelectionNode
  /** Fields around it. */
  readonly depth: number
  /** Lists of the schema around it; absent outside of introspection. */
  readonly schemaDepth?: number
  /** The fragments around it, innermost first. */
  readonly inside: Inside | undefined
}

interface Inside {
  readonly fragment: string
  readonly inside: Inside | undefined
}

/**
 * Counts what the operations of a document ask for, before anything that grows with it is done. Fragments are counted wherever they are used, and counting stops at the
 * limit, so that a small text cannot expand to millions of fields. Nothing here calls itself, whatever the nesting.
 *
 * @throws LIMIT_EXCEEDED
 */
export function checkDocument({ definitions }: DocumentNode, limits: QueryLimits): void {
  const fragments = new Map(definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])))
  const checked = new Set<FieldNode>()
  let selections = 0
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    let aliases = 0
    let rootFields = 0
    const uses: Use[] = definition.selectionSet.selections.map((selection) => ({ selection, depth: 1, inside: undefined }))
    for (let use = uses.pop(); use !== undefined; use = uses.pop()) {
      const { selection, depth, schemaDepth } = use
      if (++selections > limits.selections) throw limitExceeded('selections', limits, selections)
      if (depth > limits.selectionDepth) throw limitExceeded('selectionDepth', limits, depth)
      if (selection.kind === Kind.FIELD) {
        if (selection.alias !== undefined && ++aliases > limits.aliases) throw limitExceeded('aliases', limits, aliases)
        if (depth === 1 && ++rootFields > limits.rootFields) throw limitExceeded('rootFields', limits, rootFields)
        if (schemaDepth !== undefined && schemaDepth > limits.introspectionDepth)
          throw limitExceeded('introspectionDepth', limits, schemaDepth)
        if (!checked.has(selection)) for (const { value } of selection.arguments ?? []) checkLiteral(value, limits)
        checked.add(selection)
      }
      for (const inner of usesInside(use, fragments)) uses.push(inner)
    }
  }
}

function usesInside(
  { selection, depth, schemaDepth, inside }: Use,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly Use[] {
  const shared = schemaDepth === undefined ? {} : { schemaDepth }
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    return selection.selectionSet.selections.map((inner) => ({ selection: inner, depth, inside, ...shared }))
  }
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    const fragment = selection.name.value
    // Validation tells of a fragment that contains itself.
    if (contains(inside, fragment)) return []
    const selections = fragments.get(fragment)?.selectionSet.selections ?? []
    return selections.map((inner) => ({ selection: inner, depth, inside: { fragment, inside }, ...shared }))
  }
  const name = selection.name.value
  const below = schemaDepth ?? (name === '__schema' || name === '__type' ? 0 : undefined)
  const next = below === undefined ? { depth: depth + 1 } : { depth, schemaDepth: below + (SCHEMA_LISTS.has(name) ? 1 : 0) }
  return (selection.selectionSet?.selections ?? []).map((inner) => ({ selection: inner, inside, ...next }))
}

function contains(start: Inside | undefined, fragment: string): boolean {
  for (let around = start; around !== undefined; around = around.inside) if (around.fragment === fragment) return true
  return false
}

function checkLiteral(literal: ValueNode, limits: QueryLimits): void {
  const pending: { readonly value: ValueNode; readonly depth: number }[] = [{ value: literal, depth: 1 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next
    if (value.kind !== Kind.LIST && value.kind !== Kind.OBJECT) continue
    if (depth > limits.inputDepth) throw limitExceeded('inputDepth', limits, depth)
    if (value.kind === Kind.LIST) for (const element of value.values) pending.push({ value: element, depth: depth + 1 })
    else for (const field of value.fields) pending.push({ value: field.value, depth: depth + 1 })
  }
}
