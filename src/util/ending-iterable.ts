/**
 * An iterable whose every iteration runs a generator of its own. Leaving the iteration aborts the signal that its generator was given, so that one that waits inside
 * ends at once and frees what it holds; a generator alone would wait for whatever it waits for. `signals` end all iterations.
 */
export function endingIterable<T>(
  make: (signal: AbortSignal) => AsyncGenerator<T, void>,
  signals: readonly (AbortSignal | undefined)[] = [],
): AsyncIterable<T> {
  const given = signals.filter((signal) => signal !== undefined)
  return {
    [Symbol.asyncIterator]: () => {
      const left = new AbortController()
      const generator = make(AbortSignal.any([left.signal, ...given]))
      return {
        next: () => generator.next(),
        return: () => {
          left.abort()
          return generator.return()
        },
      }
    },
  }
}

/** Resolves when `signal` fires, or `promise` does: what a generator waits with. */
export async function orAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const aborted = Promise.withResolvers<void>()
  const abort = (): void => aborted.resolve()
  signal.addEventListener('abort', abort)
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
