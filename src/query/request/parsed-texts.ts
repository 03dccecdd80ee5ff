import { GraphQLError, parse, type DocumentNode, type GraphQLSchema } from 'graphql'

import { validateDocument } from './validation.ts'

/** A request text, parsed and validated, or what is wrong with it. */
export type ParsedText =
  | { readonly kind: 'valid'; readonly document: DocumentNode }
  | { readonly kind: 'failed'; readonly errors: readonly unknown[] }

/** A request that creates some ten thousand documents has this many; beyond it is nonsense or an attack. */
const MOST_TOKENS = 2_000_000

/** An application has a few dozen request texts and sends them again and again; parsing one costs as much as answering it. */
const TEXTS_KEPT = 64
const CHARACTERS_KEPT = 1_000_000

/** Parses request texts for one schema, and keeps those of late. The last one is always kept, whatever its length. */
export function createTextParser(schema: GraphQLSchema): (text: string) => ParsedText {
  const kept = new Map<string, ParsedText>()
  let characters = 0
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    const parsed = parseText(schema, text)
    kept.set(text, parsed)
    characters += text.length
    for (const oldest of kept.keys()) {
      if (oldest === text || (kept.size <= TEXTS_KEPT && characters <= CHARACTERS_KEPT)) break
      kept.delete(oldest)
      characters -= oldest.length
    }
    return parsed
  }
}

function parseText(schema: GraphQLSchema, text: string): ParsedText {
  try {
    const document = parse(text, { maxTokens: MOST_TOKENS })
    const problems = validateDocument(schema, document)
    return problems.length === 0 ? { kind: 'valid', document } : { kind: 'failed', errors: problems }
  } catch (error) {
    return { kind: 'failed', errors: [isStackOverflow(error) ? new GraphQLError('the request is nested too deeply') : error] }
  }
}

/** Engines differ in what they throw when the call stack ends; none gives it a type. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'InternalError')
}
