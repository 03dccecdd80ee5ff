/**
 * JSON text of a value. Whole numbers beyond 2^53, which the platform's writer refuses, are plain digits, as `parseDocumentJson` reads them. With `indent` (the blanks of one
 * step) it is laid out over lines as `JSON.stringify` does.
 */
export function jsonText(value: unknown, indent = ''): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? 'null'
  } catch (error) {
    // A bigint somewhere inside. A cycle is the caller's mistake, and would never end below.
    if (!(error instanceof TypeError && /bigint/i.test(error.message))) throw error
    return written(value, indent, indent === '' ? '' : '\n')
  }
}

/** The slow way, with `margin` before each line inside. */
function written(value: unknown, indent: string, margin: string): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || ('toJSON' in value && typeof value.toJSON === 'function')) {
    return JSON.stringify(value) ?? 'null'
  }
  const inner = margin + indent
  const colon = indent === '' ? ':' : ': '
  const items = Array.isArray(value)
    ? value.map((item: unknown) => written(item, indent, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => JSON.stringify(name) + colon + written(item, indent, inner))
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return items.length === 0 ? open + close : open + inner + items.join(`,${inner}`) + margin + close
}
