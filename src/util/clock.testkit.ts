import type { Clock } from './clock.ts'

/** A clock that stands still until it is moved. */
export interface StandingClock {
  readonly clock: Clock
  /** How many tasks wait for their time. */
  waiting(): number
  /** Moves it, and runs the tasks whose time has come, each at its time. */
  pass(milliseconds: number): void
}

export function aClock(): StandingClock {
  const tasks = new Set<{ readonly at: number; readonly task: () => void }>()
  let time = 0
  return {
    clock: {
      now: () => time,
      date: () => time,
      after: (milliseconds, task) => {
        const entry = { at: time + milliseconds, task }
        tasks.add(entry)
        return () => tasks.delete(entry)
      },
    },
    waiting: () => tasks.size,
    pass: (milliseconds) => {
      const end = time + milliseconds
      for (;;) {
        const [next] = [...tasks].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
        if (next === undefined) break
        tasks.delete(next)
        time = next.at
        next.task()
      }
      time = end
    },
  }
}
