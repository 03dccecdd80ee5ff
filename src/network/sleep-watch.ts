import { every, type Clock } from '../util/clock.ts'

/** Looked at this often; of a sleep that is over it tells within this time. */
const LOOK_EVERY = 2000
/** Later than this is no timer of a page that was merely busy. */
const ASLEEP_AFTER: number = 3 * LOOK_EVERY

/**
 * Tells when a sleep of the machine, or of the page, is over: no event says so, but a timer comes late. The date is looked at too, because some clocks stand still while
 * the machine sleeps; one that is set ahead looks like a sleep. Returns the function that ends it.
 */
export function watchSleep(clock: Clock, onAwake: () => void): () => void {
  let [time, date] = [clock.now(), clock.date()]
  return every(clock, LOOK_EVERY, () => {
    const passed = Math.max(clock.now() - time, clock.date() - date)
    ;[time, date] = [clock.now(), clock.date()]
    if (passed > ASLEEP_AFTER) onAwake()
  })
}
