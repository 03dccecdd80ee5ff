import {
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
} from 'graphql'

import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { Scalar, ValueKind } from '../../schema/kinds.ts'
import { TYPE_NAMES } from '../../schema/type-names.ts'
import { memoize } from '../../util/memoize.ts'
import type { QueryCollections } from '../collections.ts'
import { conditionsIn } from '../dialect/canonical-value.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { spell } from '../dialect/spell.ts'
import { fieldWord, operatorWord } from '../dialect/words.ts'
import { LIST_OPERATORS, OPERATORS, WHOLE_LIST_OPERATORS } from '../operators/operators.ts'
import type { ScalarTypes } from './scalar-types.ts'
import { sortedFields } from './sorted-fields.ts'

type Fields = Record<string, GraphQLInputFieldConfig>

/** The input types of filters. Each is made when it is first asked for, and once. */
export interface FilterTypes {
  /** `UsersFilterArg` */
  ofCollection(collection: CollectionVersion): GraphQLInputObjectType
  /** `IntFilterArg`, `NotNullIntFilterArg`: for the elements of a list. */
  ofElements(kind: ValueKind): GraphQLInputType
}

export function createFilterTypes(collections: QueryCollections, scalars: ScalarTypes, dialect: Dialect): FilterTypes {
  const spellOperators = (fields: Fields): Fields => spell(fields, operatorWord(dialect))
  const operators = (scalar: Scalar, isNonNull: boolean): Fields => {
    const type = scalars[scalar]
    const typeOf = { value: type, text: GraphQLString, list: new GraphQLList(isNonNull ? new GraphQLNonNull(type) : type) }
    const offered = OPERATORS.filter((operator) => operator.scalars.includes(scalar))
    return spellOperators(Object.fromEntries(offered.map(({ name, operand }) => [name, { type: typeOf[operand] }])))
  }
  const operatorBlock = memoize((name: string, scalar: Scalar, isNonNull: boolean): GraphQLInputType => {
    return new GraphQLInputObjectType({ name, fields: () => sortedFields(operators(scalar, isNonNull)) })
  })
  const elementFilter = memoize((name: string, scalar: Scalar, isNonNull: boolean): GraphQLInputObjectType => {
    const self: GraphQLInputObjectType = new GraphQLInputObjectType({
      name,
      fields: () => sortedFields({ ...operators(scalar, isNonNull), _and: { type: listOf(self) }, _or: { type: listOf(self) } }),
    })
    return self
  })
  const listBlock = memoize((name: string, block: GraphQLInputType, list: GraphQLInputType): GraphQLInputType => {
    const operators: Fields = {
      ...Object.fromEntries(LIST_OPERATORS.map((operator) => [operator.name, { type: block }])),
      ...Object.fromEntries(WHOLE_LIST_OPERATORS.map((operator) => [operator.name, { type: list }])),
    }
    return new GraphQLInputObjectType({ name, fields: sortedFields(spellOperators(operators)) })
  })
  const ofKind = (kind: ValueKind): GraphQLInputType => {
    const isNonNull = kind.list === 'non-null'
    const prefix = isNonNull ? `NotNull${kind.scalar}` : kind.scalar
    const block = operatorBlock(`${prefix}OperatorBlock`, kind.scalar, isNonNull)
    if (kind.list === false) return block
    const type = scalars[kind.scalar]
    return listBlock(`${prefix}ListOperatorBlock`, block, new GraphQLList(isNonNull ? new GraphQLNonNull(type) : type))
  }
  const ofCollection = memoize((collection: CollectionVersion): GraphQLInputObjectType => {
    const self: GraphQLInputObjectType = new GraphQLInputObjectType({
      name: TYPE_NAMES.filter(collection.name),
      fields: () => {
        const fields: Fields = {
          _and: { type: listOf(self) },
          _or: { type: listOf(self) },
          _not: { type: self },
          _alias: conditionsIn(scalars.JSON),
        }
        for (const { name, kind } of collection.fields) {
          const target = kind.type === 'relation' ? collections.named(kind.collection) : undefined
          if (kind.type === 'value') fields[name] = kind.scalar === 'JSON' ? conditionsIn(scalars.JSON) : { type: ofKind(kind) }
          else if (target !== undefined) fields[name] = { type: ofCollection(target) }
        }
        return sortedFields(spell(fields, fieldWord(dialect, collection)))
      },
    })
    return self
  })
  return {
    ofCollection,
    ofElements: ({ scalar, list }) => {
      const isNonNull = list === 'non-null'
      return elementFilter(`${isNonNull ? 'NotNull' : ''}${scalar}FilterArg`, scalar, isNonNull)
    },
  }
}

function listOf(type: GraphQLInputObjectType): GraphQLInputType {
  return new GraphQLList(new GraphQLNonNull(type))
}
