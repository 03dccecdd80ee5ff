import type { Clock } from '../../util/clock.ts'
import type { VirtualTime } from './virtual-time.testkit.ts'

/** A computer: it has a clock that is wrong in its own way, it can sleep, and it can lose its power. */
export interface Machine {
  readonly index: number
  /** Whether it has power: one that is on answers for a process that is not there any more. */
  isOn: boolean
  readonly isAsleep: boolean
  /** Starts a process. */
  begin(): Life
  /** What comes in, and all timers, wait. */
  sleep(): void
  wake(): void
  /** Changes the date. */
  jump(milliseconds: number): void
}

/** One run of a process. When it has ended, nothing that was planned in it happens any more. */
export interface Life {
  readonly isAlive: boolean
  /** The time as this machine has it. */
  readonly clock: Clock
  /** Timers of the process that wait. */
  readonly timers: number
  /** Does something in the process: now, or when the machine wakes, or never. */
  run(task: () => void): void
  /** The same after some time, as the simulation has it. */
  after(milliseconds: number, task: () => void): () => void
  /** Listens to a signal until it fires, or the process ends: whoever listens to a combined signal keeps it, and all that hangs on it, for ever. */
  listen(signal: AbortSignal | undefined, listener: () => void): () => void
  end(): void
}

/** How the clock of a machine is wrong. */
export interface Skew {
  /** Milliseconds its date is ahead. */
  readonly date: number
  /** How much faster it goes: 1 is right. */
  readonly rate: number
}

/** When it all begins: some day of the year 2026. */
const EPOCH = 1_780_000_000_000

export function createMachine(time: VirtualTime, index: number, skew: Skew): Machine {
  let backlog: (() => void)[] = []
  let ahead = skew.date
  let isAsleep = false

  function begin(): Life {
    const waiting = new Set<object>()
    const listening = new Set<() => void>()
    let isAlive = true

    const run = (task: () => void): void => {
      if (!isAlive) return
      if (isAsleep) backlog.push(() => run(task))
      else task()
    }
    const after = (milliseconds: number, task: () => void): (() => void) => {
      let isOff = false
      const callOff = time.after(milliseconds, () =>
        run(() => {
          if (!isOff) task()
        }),
      )
      return () => {
        isOff = true
        callOff()
      }
    }
    const clock: Clock = {
      now: () => time.now * skew.rate,
      date: () => Math.floor(EPOCH + ahead + time.now * skew.rate),
      after: (milliseconds, task) => {
        const timer = {}
        waiting.add(timer)
        const callOff = after(milliseconds / skew.rate, () => {
          waiting.delete(timer)
          task()
        })
        return () => {
          waiting.delete(timer)
          callOff()
        }
      },
    }
    return {
      clock,
      run,
      after,
      get isAlive() {
        return isAlive
      },
      get timers() {
        return waiting.size
      },
      listen: (signal, listener) => {
        const stop = (): void => {
          listening.delete(stop)
          signal?.removeEventListener('abort', listener)
        }
        listening.add(stop)
        signal?.addEventListener('abort', listener)
        return stop
      },
      end: () => {
        isAlive = false
        for (const stop of listening) stop()
      },
    }
  }

  return {
    index,
    isOn: true,
    get isAsleep() {
      return isAsleep
    },
    begin,
    sleep: () => {
      isAsleep = true
    },
    wake: () => {
      isAsleep = false
      // One after the other, each an event of its own, as they would have come.
      for (const task of backlog) time.after(0, task)
      backlog = []
    },
    jump: (milliseconds) => {
      ahead += milliseconds
    },
  }
}
