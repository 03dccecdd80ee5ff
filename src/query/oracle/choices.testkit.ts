/**
 * Decisions that follow from a list of numbers, one number each. When the numbers are used up, every further decision is the first there is to choose from. So
 * when the list is shortened and its numbers lowered, what is made of it becomes simpler: the simplest thing always stands first.
 */
export interface Choices {
  /** A whole number from 0 up to `bound`, without it. */
  below(bound: number): number
  pick<T>(items: readonly T[]): T
  /** True about so many times in a hundred. */
  chance(percent: number): boolean
  /** Some of the items, in their order, each about so many times in a hundred. */
  some<T>(items: readonly T[], percent: number): readonly T[]
  /** As many things as were decided on, between two bounds. */
  list<T>(least: number, most: number, make: () => T): readonly T[]
}

export function choicesOf(numbers: readonly number[]): Choices {
  let used = 0
  const below = (bound: number): number => (numbers[used++] ?? 0) % bound
  const choices: Choices = {
    below,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError('there is nothing to pick from')
      return items[below(items.length)] as T
    },
    chance: (percent) => below(100) >= 100 - percent,
    some: (items, percent) => items.filter(() => choices.chance(percent)),
    list: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make),
  }
  return choices
}
