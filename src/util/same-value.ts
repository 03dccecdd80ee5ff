/** Whether two values made of plain objects and lists are equal. What is one and the same object is so without a look inside. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameLists(a, b)
  const entries = Object.entries(a)
  const others: ReadonlyMap<string, unknown> = new Map(Object.entries(b))
  return entries.length === others.size && entries.every(([name, value]) => others.has(name) && sameValue(value, others.get(name)))
}

function sameLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => sameValue(item, b[index]))
}
