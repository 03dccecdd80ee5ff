import type { Arrival } from './api.ts'
import { now } from './clock.ts'

/** Notes when something came in and when the page showed it. Both kinds of tabs use this one, so that both pay the same for the showing. */
export interface Arrivals {
  readonly isShowing: boolean
  watch(show: boolean): void
  /** Something came in. The first time counts. */
  arrived(key: string): void
  /** Puts the text on the page. */
  show(key: string, text: string): void
  untilArrived(count: number): Promise<number>
  list(): readonly Arrival[]
}

const WAIT = 60_000

export function createArrivals(): Arrivals {
  const list = document.querySelector('main') ?? document.body
  const rows = new Map<string, HTMLElement>()
  let arrivedAt = new Map<string, number>()
  let shownAt = new Map<string, number>()
  let isShowing = false
  let waiting: { readonly count: number; readonly done: () => void } | undefined

  // What is measured is the document's change as any observer of the page sees it, not our own opinion of having made it.
  new MutationObserver((records) => {
    const time = now()
    for (const { target } of records) {
      const key = target instanceof HTMLElement ? target.dataset['key'] : undefined
      if (key !== undefined && !shownAt.has(key)) shownAt.set(key, time)
    }
    wake()
  }).observe(list, { childList: true, subtree: true })

  const isThere = (count: number): boolean => arrivedAt.size >= count && (!isShowing || shownAt.size >= count)
  const wake = (): void => {
    if (waiting !== undefined && isThere(waiting.count)) waiting.done()
  }

  return {
    get isShowing() {
      return isShowing
    },
    watch: (show) => {
      isShowing = show
      arrivedAt = new Map()
      shownAt = new Map()
    },
    arrived: (key) => {
      if (!arrivedAt.has(key)) arrivedAt.set(key, now())
      wake()
    },
    show: (key, text) => {
      let row = rows.get(key)
      if (row === undefined) {
        row = document.createElement('p')
        row.dataset['key'] = key
        rows.set(key, row)
        list.append(row)
      }
      row.textContent = text
    },
    untilArrived: async (count) => {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${arrivedAt.size} of ${count} came in within ${WAIT / 1000} s`)), WAIT)
        const done = (): void => {
          clearTimeout(late)
          resolve()
        }
        waiting = { count, done }
        wake()
      })
      waiting = undefined
      return [...arrivedAt.values()].toSorted((a, b) => a - b)[count - 1] ?? Number.NaN
    },
    list: () =>
      [...arrivedAt].map(([key, arrived]) => {
        const shown = shownAt.get(key)
        return { key, arrived, ...(shown === undefined ? {} : { shown }) }
      }),
  }
}
