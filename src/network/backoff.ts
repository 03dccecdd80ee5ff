import type { Randomness } from '../util/randomness.ts'

/** Pauses between attempts: each longer than the last, up to a longest, and none quite like the others, so that many nodes do not come back at once. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number
  /** An attempt succeeded. */
  reset(): void
}

/** Each pause differs from its plan by up to this share. */
const JITTER = 0.2

export function createBackoff(
  plan: { readonly first: number; readonly factor: number; readonly longest: number },
  randomness: Pick<Randomness, 'fraction'>,
): Backoff {
  let delay = plan.first
  return {
    next: () => {
      const planned = delay
      delay = Math.min(delay * plan.factor, plan.longest)
      return planned * (1 - JITTER + 2 * JITTER * randomness.fraction())
    },
    reset: () => {
      delay = plan.first
    },
  }
}
