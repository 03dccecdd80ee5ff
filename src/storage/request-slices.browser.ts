/** So many requests take some milliseconds to make, in which the page does nothing else. */
const REQUESTS_IN_SLICE = 256

/**
 * Makes a request of one transaction for each item, in their order, some at a time. A transaction lives as long as it has requests, so the next are made when the first
 * of those before has succeeded: the browser never runs dry, and the page answers in between. `done` is called when all are made, or with what was thrown.
 */
export function requestInSlices<T>(
  items: readonly T[],
  request: (item: T) => EventTarget,
  done: (outcome: { readonly thrown?: unknown }) => void,
): void {
  const slice = (start: number): void => {
    try {
      const [first] = items.slice(start, start + REQUESTS_IN_SLICE).map(request)
      if (start + REQUESTS_IN_SLICE >= items.length) done({})
      else first?.addEventListener('success', () => slice(start + REQUESTS_IN_SLICE))
    } catch (error) {
      done({ thrown: error })
    }
  }
  slice(0)
}
