import { GraphQLError, Lexer, Source, TokenKind, parse, type DocumentNode, type Token } from 'graphql'

import { DatabaseError, messageOf } from '../errors.ts'

/** Far above any schema written by hand; a bound on the work that a text from elsewhere can cause. */
const MOST_TOKENS = 200_000

/**
 * The syntax tree of a schema text. Two things differ from GraphQL: a body may be empty (`type Note {}`), and a field without a type gets a message of
 * its own.
 *
 * @throws INVALID_SCHEMA with the position.
 */
export function parseSchemaText(sdl: string): DocumentNode {
  try {
    return parse(withoutEmptyBodies(sdl), { maxTokens: MOST_TOKENS })
  } catch (error) {
    throw error instanceof DatabaseError ? error : syntaxProblem(error)
  }
}

/** The text with each empty body blanked out, so that all positions stay. */
function withoutEmptyBodies(sdl: string): string {
  const blanks: { readonly start: number; readonly end: number }[] = []
  let parentheses = 0
  let isInBody = false
  let typeName = ''
  let previous: Token | undefined
  let beforePrevious: Token | undefined
  for (const token of tokensOf(sdl)) {
    if (token.kind === TokenKind.PAREN_L) parentheses++
    if (token.kind === TokenKind.PAREN_R) parentheses--
    if (parentheses === 0) {
      if (isInBody && previous?.kind === TokenKind.COLON && token.kind !== TokenKind.NAME && token.kind !== TokenKind.BRACKET_L) {
        throw missingType(typeName, beforePrevious)
      }
      if (!isInBody && (previous?.value === 'type' || previous?.value === 'interface') && token.kind === TokenKind.NAME)
        typeName = token.value
      if (token.kind === TokenKind.BRACE_L) isInBody = true
      if (token.kind === TokenKind.BRACE_R) {
        isInBody = false
        if (previous?.kind === TokenKind.BRACE_L) blanks.push({ start: previous.start, end: token.end })
      }
    }
    beforePrevious = previous
    previous = token
  }
  return blanks.reduceRight(
    (text, { start, end }) => text.slice(0, start) + text.slice(start, end).replaceAll(/[^\n\r]/g, ' ') + text.slice(end),
    sdl,
  )
}

function* tokensOf(sdl: string): Iterable<Token> {
  const lexer = new Lexer(new Source(sdl))
  for (let count = 0; count < MOST_TOKENS; count++) {
    const token = lexer.advance()
    if (token.kind === TokenKind.EOF) return
    yield token
  }
}

function missingType(type: string, field: Token | undefined): DatabaseError {
  const name = field?.value ?? ''
  const line = field?.line ?? 1
  const column = field?.column ?? 1
  return new DatabaseError(
    'INVALID_SCHEMA',
    `field type not specified. Object: ${type}, Field: ${name}; write a type behind the colon, such as "${name}: String" (line ${line}, column ${column})`,
    { type, field: name, line, column },
  )
}

function syntaxProblem(error: unknown): DatabaseError {
  const location = error instanceof GraphQLError ? error.locations?.[0] : undefined
  const position = location === undefined ? '' : ` (line ${location.line}, column ${location.column})`
  // The parser calls itself for what is inside: all else that it throws is that the call stack ends.
  const problem = error instanceof GraphQLError ? messageOf(error) : 'it is nested too deeply'
  return new DatabaseError(
    'INVALID_SCHEMA',
    `the schema is not valid SDL: ${problem}${position}`,
    location === undefined ? {} : { line: location.line, column: location.column },
    { cause: error },
  )
}
