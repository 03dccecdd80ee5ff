import type { LongTasks } from '../query-workload.ts'

/** A task is reported some time after its end. */
const REPORTED_AFTER = 60

/** Watches the tasks of this page that browsers call long: those of 50 ms and more. */
export function watchLongTasks(): LongTasks {
  const tasks: PerformanceEntry[] = []
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()))
  observer.observe({ type: 'longtask' })
  return {
    longestBetween: async (from, to) => {
      // What took less than a long task has none.
      if (to - from < 50) return 0
      await new Promise((resolve) => {
        setTimeout(resolve, REPORTED_AFTER)
      })
      tasks.push(...observer.takeRecords())
      const within = tasks.filter(({ startTime, duration }) => startTime < to && startTime + duration > from)
      tasks.length = 0
      return Math.max(0, ...within.map(({ duration }) => duration))
    },
  }
}
