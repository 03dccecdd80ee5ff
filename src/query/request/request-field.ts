import {
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  GraphQLIncludeDirective,
  GraphQLObjectType,
  GraphQLSkipDirective,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type getVariableValues,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

import { DatabaseError } from '../../errors.ts'
import { canonicalArguments } from '../dialect/canonical-value.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { canonicalName } from '../dialect/spell.ts'

/** A selected field with everything that the syntax left open resolved: fragments, directives, variables, fields that were named twice. */
export interface RequestField {
  /** Its name in the response: the alias, or the name. */
  readonly key: string
  /** The engine's own name, whatever the dialect of the request. So are those of its arguments, and in their values. */
  readonly name: string
  /** The object type it is selected on. */
  readonly on: string
  /** Arguments by name, read by their types. Absent where they were not given. */
  readonly arguments: Readonly<Record<string, unknown>>
  /** What is selected on its result; empty for a value. */
  readonly fields: readonly RequestField[]
  /** Its places in the text. */
  readonly nodes: readonly FieldNode[]
}

/** The coerced variables of graphql-js, which names the type nowhere. */
export type VariableValues = NonNullable<ReturnType<typeof getVariableValues>['variableValues']>

export interface FieldScope {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: VariableValues
  readonly dialect: Dialect
}

/** The fields of selection sets on one type, in the order in which they first stand. The document has been validated against the schema. */
export function collectFields(type: GraphQLObjectType, sets: readonly SelectionSetNode[], scope: FieldScope): readonly RequestField[] {
  const nodesByKey = new Map<string, FieldNode[]>()
  const seen = new Set<string>()
  const collect = (selections: readonly SelectionNode[]): void => {
    for (const selection of selections) {
      if (!isIncluded(selection, scope)) continue
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value
        const nodes = nodesByKey.get(key)
        if (nodes === undefined) nodesByKey.set(key, [selection])
        else nodes.push(selection)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet.selections)
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value)
        collect(scope.fragments.get(selection.name.value)?.selectionSet.selections ?? [])
      }
    }
  }
  for (const set of sets) collect(set.selections)
  return [...nodesByKey].map(([key, nodes]) => toField(type, key, nodes, scope))
}

function isIncluded(selection: SelectionNode, { variables }: FieldScope): boolean {
  if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true) return false
  return getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] !== false
}

function toField(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[], scope: FieldScope): RequestField {
  const [first] = nodes
  if (first === undefined) throw new RangeError(`no field stands under "${key}"`)
  if (key === '__proto__') throw new DatabaseError('INVALID_REQUEST', '"__proto__" cannot be an alias', {})
  const name = first.name.value
  const definition = type.getFields()[name]
  const result = definition === undefined ? undefined : getNamedType(definition.type)
  const sets = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]))
  return {
    key,
    name: definition === undefined ? name : canonicalName(definition),
    on: type.name,
    arguments:
      definition === undefined ? {} : canonicalArguments(scope.dialect, definition, getArgumentValues(definition, first, scope.variables)),
    fields: result instanceof GraphQLObjectType ? collectFields(result, sets, scope) : [],
    nodes,
  }
}
