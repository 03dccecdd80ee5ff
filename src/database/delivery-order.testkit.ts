import { randomOf } from '../util/seed.testkit.ts'

/** The order in which messages arrive. Each is made for one run. */
export interface DeliveryOrder {
  readonly name: string
  /** How many of the messages that are under way arrive before anybody does anything else. */
  early(underWay: number): number
  /** Which of the messages that are under way arrives next. */
  next(underWay: number): number
  /** Whether the message that arrives now will come once more. */
  isTwice(): boolean
  /** The commits of one message as they arrive. */
  arranged<T>(commits: readonly T[]): readonly T[]
}

export const RANDOM_ORDERS = 20

/** All orders that a scenario is played in: as sent, the last first, and random ones with duplicates. */
export function deliveryOrders(seed: number): readonly DeliveryOrder[] {
  return [inOrder(), reversed(), ...Array.from({ length: RANDOM_ORDERS }, (_, index) => randomOrder(seed, index))]
}

function inOrder(): DeliveryOrder {
  return { name: 'in order', early: () => 0, next: () => 0, isTwice: () => false, arranged: (commits) => commits }
}

function reversed(): DeliveryOrder {
  return {
    name: 'reversed',
    early: () => 0,
    next: (underWay) => underWay - 1,
    isTwice: () => false,
    arranged: (commits) => commits.toReversed(),
  }
}

function randomOrder(seed: number, index: number): DeliveryOrder {
  const random = randomOf(seed + index)
  return {
    name: `random order ${index} of WARREN_SEED=${seed}`,
    early: (underWay) => (random.below(2) === 0 ? 0 : random.below(underWay + 1)),
    next: random.below,
    isTwice: () => random.below(3) === 0,
    arranged: random.shuffled,
  }
}
