import { createPacer, type Pacer, type Pacing } from './pacer.ts'

/** A clock on which every look finds the slice used up, and tasks that take no time; it counts the rests. */
export interface CountedPacing extends Pacing {
  readonly rests: number
  /** Rests since `mark` was called. */
  readonly sinceMark: number
  mark(): void
  pacer(check?: () => void): Pacer
}

/** `onRest` is called in each rest, such as to abort in the middle of the work. */
export function countedPacing(onRest: (rests: number) => void = () => {}): CountedPacing {
  let time = 0
  let rests = 0
  let marked = 0
  const pacing: CountedPacing = {
    get rests() {
      return rests
    },
    get sinceMark() {
      return rests - marked
    },
    mark: () => {
      marked = rests
    },
    now: () => (time += 1_000),
    nextTask: async () => {
      rests++
      onRest(rests)
    },
    pacer: (check) => createPacer(check, pacing),
  }
  return pacing
}

/** A clock that stands still: no work is ever due to rest, so that a test knows how many turns it takes. */
export const TIMELESS: Pacing = { now: () => 0, nextTask: () => new Promise((resolve) => setImmediate(resolve)) }
