import { useSyncExternalStore } from 'react'

/** State over time: the present value, and word of each change. Values are never changed in place. */
export interface Watched<T> {
  peek(): T
  /** Returns the function that ends it. */
  subscribe(listener: () => void): () => void
}

/** The owner's end of a watched value. */
export interface Watchable<T> extends Watched<T> {
  set(value: T): void
}

export function createWatched<T>(initial: T): Watchable<T> {
  let current = initial
  const listeners = new Set<() => void>()
  return {
    peek: () => current,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    set: (value) => {
      if (Object.is(value, current)) return
      current = value
      for (const listener of listeners) listener()
    },
  }
}

/** Renders the component again whenever the value changes. */
export function useWatched<T>(watched: Watched<T>): T {
  return useSyncExternalStore(watched.subscribe, watched.peek)
}
