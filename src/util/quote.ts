const LONGEST_QUOTE = 80

/** A value as messages show it: texts in quotation marks, everything on one line, cut when it is long. */
export function quote(value: unknown): string {
  const text = print(value)
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
}

function print(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  try {
    return JSON.stringify(value) ?? 'undefined'
  } catch {
    // A cycle, or a bigint inside: what it is says enough.
    return Array.isArray(value) ? 'a list' : 'an object'
  }
}
