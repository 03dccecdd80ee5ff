import { limitExceeded, type QueryLimits } from '../limits.ts'

/** Looks at the nesting of variables, which may come from anywhere and may contain themselves, before they are read by their types. @throws LIMIT_EXCEEDED */
export function checkVariables(variables: Readonly<Record<string, unknown>>, limits: QueryLimits): void {
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value: variables, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next
    if (depth > limits.inputDepth) throw limitExceeded('inputDepth', limits, depth)
    // The deepest come last and are looked at first, so that what contains itself ends at once.
    for (const member of membersOf(value)) if (isNested(member)) pending.push({ value: member, depth: depth + 1 })
  }
}

function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return isNested(value) ? Object.values(value) : []
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
}
