import type { Randomness } from './randomness.ts'

/** The seed of a test that takes random turns: that in `WARREN_SEED`, so that a failure can be played again, or a new one. */
export function testSeed(): number {
  const given = process.env['WARREN_SEED']
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given)
}

/** Random turns that follow from a seed. */
export interface Random {
  /** A whole number from 0 up to `bound`, without it. */
  below(bound: number): number
  shuffled<T>(items: readonly T[]): readonly T[]
}

/** Mulberry32, which is small and mixes well enough to order messages. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }
  return {
    below,
    shuffled: (items) =>
      items
        .map((item) => ({ item, rank: below(2 ** 32) }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  }
}

/** The same numbers in the place of those that this machine throws. */
export function randomnessOf(random: Random): Randomness {
  return {
    fraction: () => random.below(2 ** 32) / 2 ** 32,
    bytes: (length) => Uint8Array.from({ length }, () => random.below(256)),
  }
}
