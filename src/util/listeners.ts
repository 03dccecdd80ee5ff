/** Those who want to be told of something, in the order in which they came. */
export interface Listeners<T> {
  /** @returns what takes the listener away again */
  readonly add: (listener: (told: T) => void) => () => void
  readonly tell: (told: T) => void
}

export function createListeners<T>(): Listeners<T> {
  const listeners = new Set<(told: T) => void>()
  return {
    add: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell: (told) => {
      for (const listener of listeners) listener(told)
    },
  }
}
