import { randomOf, type Random } from '../../util/seed.testkit.ts'

/** Random turns of a simulation, in words. */
export interface Chance extends Random {
  /** True as often as `share` says, from 0 to 1. */
  happens(share: number): boolean
  /** A number from `low` up to `high`. */
  between(low: number, high: number): number
  /** The same, with as many small numbers as large ones: as likely from 1 to 10 as from 10 to 100. */
  spread(low: number, high: number): number
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** One of the values, each as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T
}

/** Turns for one purpose: taking more for one does not change those for another. */
export function chanceOf(seed: number, purpose: string): Chance {
  let mixed = seed >>> 0
  for (const letter of purpose) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0
  const random = randomOf(mixed)
  const fraction = (): number => random.below(2 ** 32) / 2 ** 32
  const between = (low: number, high: number): number => low + (high - low) * fraction()
  return {
    ...random,
    between,
    happens: (share) => fraction() < share,
    spread: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    whole: (low, high) => low + random.below(high - low + 1),
    pick: (items) => items[random.below(items.length)] ?? items[0],
    weighted: (choices) => {
      let left = fraction() * choices.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, value] of choices) {
        left -= weight
        if (left < 0) return value
      }
      throw new RangeError('nothing to choose from')
    },
  }
}
