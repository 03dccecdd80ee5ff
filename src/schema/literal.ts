import { Kind, type ValueNode } from 'graphql'

import type { DocumentValue } from './document-value.ts'

/**
 * The value a GraphQL literal spells, without a type to read it by. An integer is a number where it is safe, else a bigint; `variable` answers what a
 * variable stands for (absent where none is allowed).
 *
 * @throws TypeError for an enum value or a variable without a value.
 */
export function literalToValue(node: ValueNode, variable?: (name: string) => DocumentValue | undefined): DocumentValue {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT:
      return integerOfText(node.value)
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value
    case Kind.LIST:
      return node.values.map((value) => literalToValue(value, variable))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literalToValue(field.value, variable)]))
    case Kind.VARIABLE: {
      const value = variable?.(node.name.value)
      if (value === undefined) throw new TypeError(`the variable "$${node.name.value}" has no value`)
      return value
    }
    case Kind.ENUM:
      throw new TypeError(`"${node.value}" is no value; a text stands in quotes`)
  }
}

/** The integer a decimal text spells: a number where that is exact, else a bigint. */
export function integerOfText(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}
