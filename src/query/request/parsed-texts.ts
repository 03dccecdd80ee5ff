import { parse, type DocumentNode, type GraphQLSchema } from 'graphql'

import { messageOf } from '../../errors.ts'
import { limitExceeded, type QueryLimits } from '../limits.ts'
import { checkDocument } from './check-document.ts'
import { validateDocument } from './validation.ts'

/** A request text, parsed and validated, or what is wrong with it. */
export type ParsedText =
  | { readonly kind: 'valid'; readonly document: DocumentNode }
  | { readonly kind: 'failed'; readonly errors: readonly unknown[] }

/** An application has a few dozen request texts and sends them again and again; parsing one costs as much as answering it. */
const TEXTS_KEPT = 64
const CHARACTERS_KEPT = 1_000_000

/** Parses request texts for one schema, and keeps those of late. The last one is always kept, whatever its length. */
export function createTextParser(schema: GraphQLSchema, limits: QueryLimits): (text: string) => ParsedText {
  const kept = new Map<string, ParsedText>()
  let characters = 0
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    const parsed = parseText(schema, text, limits)
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

function parseText(schema: GraphQLSchema, text: string, limits: QueryLimits): ParsedText {
  try {
    const document = parse(text, { maxTokens: limits.textTokens })
    // Validation compares fields with fields, and takes long for many.
    checkDocument(document, limits)
    const problems = validateDocument(schema, document)
    return problems.length === 0 ? { kind: 'valid', document } : { kind: 'failed', errors: problems }
  } catch (error) {
    return { kind: 'failed', errors: [hasTooManyTokens(error) ? limitExceeded('textTokens', limits, limits.textTokens + 1) : error] }
  }
}

/** The library says it in words only. */
function hasTooManyTokens(error: unknown): boolean {
  return messageOf(error).includes('tokens. Parsing aborted')
}
