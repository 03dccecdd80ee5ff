/**
 * A value as JSON text: with an indent of two, or on one line. Whole numbers beyond what a JavaScript number holds stay exact, which `JSON.stringify` refuses to do.
 */
export function formatJson(value: unknown, layout: 'pretty' | 'line' = 'pretty'): string {
  return write(value, layout === 'pretty' ? '\n' : undefined)
}

/** `line` is the line break with the indent of the value, absent when everything goes on one line. */
function write(value: unknown, line: string | undefined): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const inner = line === undefined ? undefined : `${line}  `
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value
    return enclose(
      '[',
      ']',
      line,
      elements.map((element) => write(element, inner)),
    )
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const colon = line === undefined ? ':' : ': '
  return enclose(
    '{',
    '}',
    line,
    members.map(([name, member]) => `${JSON.stringify(name)}${colon}${write(member, inner)}`),
  )
}

function enclose(open: string, close: string, line: string | undefined, parts: readonly string[]): string {
  if (parts.length === 0) return open + close
  return line === undefined ? `${open}${parts.join(',')}${close}` : `${open}${line}  ${parts.join(`,${line}  `)}${line}${close}`
}
