type Variables =
  | { readonly kind: 'value'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'wrong'; readonly reason: string }

/** Reads what was typed into the variables box; nothing typed is no variables. */
export function parseVariables(text: string): Variables {
  if (text.trim() === '') return { kind: 'value', value: {} }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { kind: 'value', value: { ...value } }
  } catch {
    // Falls through to the reason, which is the same for what is no JSON and for JSON of another kind.
  }
  return { kind: 'wrong', reason: 'Variables are a JSON object, such as { "name": "value" }' }
}
