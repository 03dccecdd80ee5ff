import { Kind, type ValueNode } from 'graphql'

import type { DocumentValue } from './document-value.ts'

/**
 * The value a GraphQL literal spells, without a type to read it by. An integer is a number where it is safe, else a bigint. `enumToValue` answers what a bare
 * word stands for, where one may stand. Variables are resolved before.
 *
 * @throws TypeError for a bare word that stands for nothing, and for a variable.
 */
export function literalToValue(node: ValueNode, enumToValue?: (word: string) => DocumentValue): DocumentValue {
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
      return node.values.map((value) => literalToValue(value, enumToValue))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literalToValue(field.value, enumToValue)]))
    case Kind.VARIABLE:
      throw new TypeError(`the variable "$${node.name.value}" has no value`)
    case Kind.ENUM:
      if (enumToValue === undefined) throw new TypeError(`"${node.value}" is no value; a text stands in quotes`)
      return enumToValue(node.value)
  }
}

/** The integer a decimal text spells: a number where that is exact, else a bigint. */
export function integerOfText(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}
