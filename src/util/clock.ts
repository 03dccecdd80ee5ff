/**
 * Where a part of the program has its time from. Whatever waits, measures or dates takes one, so that a test can run hours in a moment and twice the same.
 */
export interface Clock {
  /** Milliseconds since some moment. They never go back, whatever is done to the date. */
  now(): number
  /** Milliseconds since the epoch, as this machine has them: they may be wrong, and may jump. */
  date(): number
  /** Calls `task` once, in a task of its own, after so many milliseconds. Returns the function that calls it off. */
  after(milliseconds: number, task: () => void): () => void
}

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after: (milliseconds, task) => {
    const timer = setTimeout(task, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** Calls `task` again and again. Returns the function that ends it. */
export function every(clock: Clock, milliseconds: number, task: () => void): () => void {
  let callOff = clock.after(milliseconds, tick)
  function tick(): void {
    // First the next one: a task that throws, or ends it all, finds it there.
    callOff = clock.after(milliseconds, tick)
    task()
  }
  return () => callOff()
}

/**
 * Does work that may take so long: the signal it gets fires after this time, as that of `AbortSignal.timeout` does, or with one of `signals`. Nothing is left
 * behind when the work is done earlier.
 */
export async function within<T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  ...signals: readonly AbortSignal[]
): Promise<T> {
  const late = new AbortController()
  const callOff = clock.after(milliseconds, () => late.abort(new DOMException('the time is up', 'TimeoutError')))
  try {
    return await work(AbortSignal.any([late.signal, ...signals]))
  } finally {
    callOff()
  }
}

/** Resolves after so many milliseconds, or as soon as a signal fires. */
export function pause(clock: Clock, milliseconds: number, ...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const signal = AbortSignal.any([...signals])
    if (signal.aborted) return resolve()
    const done = (): void => {
      callOff()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const callOff = clock.after(milliseconds, done)
    signal.addEventListener('abort', done)
  })
}
