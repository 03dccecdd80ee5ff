/**
 * Whether a request is a subscription, by the keyword that begins it; fragments may stand before it. What is no GraphQL at all may be taken for either: the
 * database says what is wrong with it.
 */
export function isSubscription(request: string): boolean {
  let depth = 0
  let isStart = true
  for (const [token] of request.matchAll(TOKENS)) {
    if (token.startsWith('#') || token.startsWith('"')) continue
    if (depth === 0 && isStart && token === 'subscription') return true
    if (OPENING.has(token)) depth += 1
    if (CLOSING.has(token)) depth -= 1
    // A definition ends with the brace of its selection; the parenthesis of its variables stands in the middle of it.
    isStart = depth === 0 && token === '}'
  }
  return false
}

/** What can hide a word or a brace (comments, block strings, strings), then words and brackets. */
const TOKENS = /#[^\n\r]*|"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n\r])*"|\w+|[{}()[\]]/gu

const OPENING: ReadonlySet<string> = new Set(['{', '(', '['])
const CLOSING: ReadonlySet<string> = new Set(['}', ')', ']'])
