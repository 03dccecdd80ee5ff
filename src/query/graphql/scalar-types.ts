import { GraphQLBoolean, GraphQLError, GraphQLID, GraphQLScalarType, GraphQLString, Kind, type ValueNode } from 'graphql'

import { SCALARS } from '../../document/scalars.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import { literalToValue } from '../../schema/literal.ts'
import { quote } from '../../util/quote.ts'

/** The GraphQL type of each scalar. */
export type ScalarTypes = Readonly<Record<Scalar, GraphQLScalarType>>

/** Makes the scalar types of one GraphQL schema. Texts, IDs and booleans are GraphQL's own; `Int` is not, since it has 64 bits. */
export function createScalarTypes(): ScalarTypes {
  return {
    ID: GraphQLID,
    Boolean: GraphQLBoolean,
    String: GraphQLString,
    Int: scalarType('Int', [Kind.INT], 'A whole number of 64 bits.'),
    Float64: scalarType('Float64', [Kind.INT, Kind.FLOAT], 'A floating-point number of 64 bits; `Float` in a schema is the same.'),
    Float32: scalarType('Float32', [Kind.INT, Kind.FLOAT], 'A floating-point number of 32 bits.'),
    DateTime: scalarType('DateTime', [Kind.STRING], 'A date and time as of RFC 3339, to the nanosecond, with its offset.'),
    Blob: scalarType('Blob', [Kind.STRING], 'Bytes as pairs of hex digits.'),
    JSON: scalarType('JSON', Object.values(Kind), 'Any JSON: numbers, texts, booleans, null, lists, objects.'),
  }
}

/** A scalar that reads values the way documents do; `literals` are the kinds of literal that may spell one. */
function scalarType(scalar: Scalar, literals: readonly string[], description: string): GraphQLScalarType {
  const { parse, expects } = SCALARS[scalar]
  const refused = (input: unknown, nodes?: ValueNode): GraphQLError =>
    new GraphQLError(`${scalar} takes ${expects}, not ${quote(input)}.`, { nodes })
  const read = (input: unknown, node?: ValueNode): DocumentValue => {
    const value = parse(input)
    if (value === undefined) throw refused(input, node)
    return value
  }
  return new GraphQLScalarType<DocumentValue, unknown>({
    name: scalar,
    description,
    coerceOutputValue: (value) => value,
    coerceInputValue: (input) => (input === null ? null : read(input)),
    coerceInputLiteral: (node: ValueNode) => {
      const value = literalToValue(node, (word) => word)
      if (!literals.includes(node.kind)) throw refused(value, node)
      return value === null ? null : read(value, node)
    },
  })
}
