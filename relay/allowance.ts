import type { Clock } from '../src/util/clock.ts'

/** So much at once, and so much more each second. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** A bucket of tokens. */
export interface Allowance {
  /** Whether so much is left; it is taken then. */
  take(amount?: number): boolean
  /** What is left. */
  left(): number
}

export function createAllowance({ burst, perSecond }: Rate, clock: Pick<Clock, 'now'>): Allowance {
  let tokens = burst
  let at = clock.now()

  function left(): number {
    const now = clock.now()
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond)
    at = now
    return tokens
  }

  return {
    left,
    take: (amount = 1) => {
      if (left() < amount) return false
      tokens -= amount
      return true
    },
  }
}

/** A bucket for each of many. At most `most` of them are remembered: those that were asked for last. */
export interface Allowances {
  of(key: string): Allowance
}

export function createAllowances(rate: Rate, most: number, clock: Pick<Clock, 'now'>): Allowances {
  const byKey = new Map<string, Allowance>()
  return {
    of: (key) => {
      const allowance = byKey.get(key) ?? createAllowance(rate, clock)
      // The map keeps the order of insertion, so its first entry is the one that was not asked for the longest.
      byKey.delete(key)
      byKey.set(key, allowance)
      const [oldest] = byKey.keys()
      if (byKey.size > most && oldest !== undefined) byKey.delete(oldest)
      return allowance
    },
  }
}
