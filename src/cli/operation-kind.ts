/** Texts and comments, which may have braces in them, then what stands outside. */
const TOKEN = /"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|[{}()]|[A-Za-z_]\w*/g

/**
 * Whether a request is a subscription, whose results come one after another. It looks at the words before the selections only, so that a client command need not load
 * a GraphQL parser; what is wrong with the request is for the node to say.
 */
export function isSubscription(request: string, operationName: string | undefined): boolean {
  let depth = 0
  let kind: string | undefined
  for (const [token] of request.matchAll(TOKEN)) {
    if (token === '{' || token === '(') depth += 1
    else if (token === '}' || token === ')') depth -= 1
    else if (depth === 0 && !/^["#]/.test(token)) {
      if (kind !== undefined && operationName === token) return kind === 'subscription'
      const opens = ['query', 'mutation', 'subscription', 'fragment'].includes(token)
      if (opens && operationName === undefined && token === 'subscription') return true
      kind = opens ? token : undefined
    }
  }
  return false
}
