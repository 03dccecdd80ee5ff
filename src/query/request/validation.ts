import {
  BREAK,
  GraphQLError,
  isInputObjectType,
  Kind,
  MaxIntrospectionDepthRule,
  print,
  specifiedRules,
  validate,
  visit,
  type ArgumentNode,
  type DocumentNode,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql'

import { foreignWordHint } from './foreign-word-hint.ts'

/** What of an argument a message shows: enough to find it. */
const LONGEST_ARGUMENT = 200

/** What is wrong with a document, in the words DefraDB uses where its users know them. */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return validate(schema, document, RULES).map((error) => withArgument(withKnownWords(error, schema), document))
}

/** graphql-js parses `{ }`; a selection of nothing is a mistake, and in a mutation a dangerous one. */
const noEmptySelections: ValidationRule = (context) => ({
  SelectionSet: (node) => {
    if (node.selections.length > 0) return
    const { line = 1, column = 1 } = node.loc?.startToken ?? {}
    const message = `Syntax Error GraphQL request (${line}:${column}) Unexpected empty IN {}: select at least one field.`
    context.reportError(new GraphQLError(message, { nodes: node }))
  },
})

/** The depth of introspection is not bounded: the schema is in memory, and tools nest arguments of arguments. */
const RULES: readonly ValidationRule[] = [noEmptySelections, ...specifiedRules.filter((rule) => rule !== MaxIntrospectionDepthRule)]

/** Messages that graphql-js words in another way than the libraries before it. */
const WORDINGS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"\./, 'Unknown argument "$1" on field "$3" of type "$2".'],
  [
    /^Argument "\w+\.(\w+)\((\w+):\)" of type "(.+?)" is required, but it was not provided\./,
    'Field "$1" argument "$2" of type "$3" is required but not provided.',
  ],
  [
    /^Variable "(\$\w+)" has invalid value: Expected a value of non-null type "(.+?)" to be provided\./,
    'Variable "$1" of required type "$2" was not provided.',
  ],
  [/Expected value of non-null type "(.+?)" not to be null\./, 'Expected "$1", found null.'],
  [
    /Expected value of type "\w+" not to include unknown field "(\w+)"(?:\.( Did you mean .+?\?) Found|, found): [^]*$/,
    'In field "$1": Unknown field.$2',
  ],
]

/** A member that is missing; its type, which DefraDB names, stands in the schema. */
const MISSING_MEMBER = /Expected value of type "(\w+)" to include required field "(\w+)", found: [^]*$/

/** The same error in the words DefraDB uses. */
export function withKnownWords(error: GraphQLError, schema: GraphQLSchema): GraphQLError {
  const reworded = WORDINGS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), error.message)
  const message = reworded.replace(MISSING_MEMBER, (_, type: string, member: string) => {
    const input = schema.getType(type)
    const expected = isInputObjectType(input) ? input.getFields()[member]?.type : undefined
    return `In field "${member}": Expected "${String(expected)}", found null.`
  })
  const hint = foreignWordHint(error.message, schema)
  // What the library finds similar is beside the point when the other dialect's word is known.
  const advised = hint === undefined ? message : `${message.replace(/ ?Did you mean [^?]+\?/, '')} ${hint}`
  return advised === error.message ? error : withMessage(error, advised)
}

/** What stands inside arguments; what is wrong with an argument as a whole has its own message. */
const IN_ARGUMENTS = /Value$|^ObjectField$/

/** Names the argument in which a value is wrong: the library's message only shows the innermost value. */
function withArgument(error: GraphQLError, document: DocumentNode): GraphQLError {
  const value = error.nodes?.[0]
  const start = value?.loc?.start
  const end = value?.loc?.end
  if (start === undefined || end === undefined || !IN_ARGUMENTS.test(value?.kind ?? '')) return error
  let argument: ArgumentNode | undefined
  visit(document, {
    Argument: (node) => {
      if ((node.loc?.start ?? end) > start || (node.loc?.end ?? 0) < end) return undefined
      argument = node
      return BREAK
    },
  })
  if (argument === undefined) return error
  return withMessage(error, `Argument "${argument.name.value}" has invalid value ${printTight(argument)}.\n${error.message}`)
}

/** The literal of an argument without spaces inside its braces, cut when it is long; for null the word that DefraDB has. */
function printTight({ value }: ArgumentNode): string {
  if (value.kind === Kind.NULL) return '<nil>'
  const written = print(value).replaceAll('{ ', '{').replaceAll(' }', '}')
  return written.length > LONGEST_ARGUMENT ? `${written.slice(0, LONGEST_ARGUMENT)}…` : written
}

function withMessage({ nodes, originalError }: GraphQLError, message: string): GraphQLError {
  return new GraphQLError(message, { nodes, originalError })
}
