/** The items in their order, beginning with another one in each run, so that none is always behind the same one. */
export function rotated<T>(items: readonly T[], by: number): readonly T[] {
  if (items.length === 0) return items
  const start = (by + items.length) % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
