/** What can hide a word or a brace (comments, block strings, strings), then words and brackets. */
const TOKENS = /#[^\n\r]*|"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n\r])*"|\w+|[{}()[\]]/gu

const OPENING: ReadonlySet<string> = new Set(['{', '(', '['])
const CLOSING: ReadonlySet<string> = new Set(['}', ')', ']'])

/**
 * Whether a request is a subscription, which is for `subscribe`; anything else is for `execute`. Of a text with several operations it is the named one that counts. It looks at
 * the words before the selections only, so that nobody has to load a GraphQL parser for it. What is no GraphQL at all may be taken for either: the database says what is
 * wrong with it.
 */
export function isSubscription(request: string, operationName?: string): boolean {
  let depth = 0
  /** The words of the definition so far that stand outside of brackets: its keyword and its name come first. */
  let words: string[] = []
  for (const [token] of request.matchAll(TOKENS)) {
    if (token.startsWith('#') || token.startsWith('"')) continue
    if (OPENING.has(token)) depth += 1
    else if (CLOSING.has(token)) {
      depth -= 1
      // A definition ends with the brace of its selection; the parenthesis of its variables stands in the middle of it.
      if (depth === 0 && token === '}') words = []
    } else if (depth === 0) {
      words.push(token)
      const [keyword, name] = words
      if (operationName === undefined && keyword === 'subscription') return true
      if (words.length === 2 && name === operationName && keyword !== 'fragment') return keyword === 'subscription'
    }
  }
  return false
}
