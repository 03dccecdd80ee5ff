import { isEnumType, isInputObjectType, isObjectType, type GraphQLSchema } from 'graphql'

import { dialectHint } from '../dialect/dialect-hint.ts'
import { dialectOf } from '../dialect/spoken-in.ts'

/** How graphql-js says that a name is unknown, and the names that could stand in its place. */
const UNKNOWN_NAMES: readonly (readonly [
  pattern: RegExp,
  known: (schema: GraphQLSchema, type: string, field: string) => readonly string[],
])[] = [
  [/Cannot query field "(?<name>\w+)" on type "(?<type>\w+)"/, fieldsOf],
  [/Unknown argument "(?<name>\w+)" on field "(?<type>\w+)\.(?<field>\w+)"/, argumentsOf],
  [/Expected value of type "(?<type>\w+)" not to include unknown field "(?<name>\w+)"/, fieldsOf],
  [/Value "(?<name>\w+)" does not exist in "(?<type>\w+)" enum/, valuesOf],
]

/** What to write for a name that only another dialect has, as a sentence; `undefined` for any other mistake. */
export function foreignWordHint(message: string, schema: GraphQLSchema): string | undefined {
  for (const [pattern, known] of UNKNOWN_NAMES) {
    const { name, type = '', field = '' } = pattern.exec(message)?.groups ?? {}
    if (name === undefined) continue
    const names = known(schema, type, field)
    const hint = dialectHint(dialectOf(schema), name, (word) => names.includes(word))
    return hint === undefined ? undefined : `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`
  }
  return undefined
}

function fieldsOf(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name)
  return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : []
}

function argumentsOf(schema: GraphQLSchema, name: string, field: string): readonly string[] {
  const type = schema.getType(name)
  return isObjectType(type) ? (type.getFields()[field]?.args.map((argument) => argument.name) ?? []) : []
}

function valuesOf(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name)
  return isEnumType(type) ? type.getValues().map((value) => value.name) : []
}
