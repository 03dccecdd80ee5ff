/** `make` with its results kept by its first argument: called again with the same one, it gives the same result. */
export function memoize<Key, Rest extends readonly unknown[], Result>(
  make: (key: Key, ...rest: Rest) => Result,
): (key: Key, ...rest: Rest) => Result {
  const results = new Map<Key, Result>()
  return (key, ...rest) => {
    const known = results.get(key)
    if (known !== undefined) return known
    const result = make(key, ...rest)
    results.set(key, result)
    return result
  }
}
