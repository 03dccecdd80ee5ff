/**
 * Time that passes only when all that is to be done at a moment is done: an event, and whatever it sets off in microtasks, is over before the next one begins.
 * Events of one moment come in the order in which they were planned, so the same plan is the same run.
 */
export interface VirtualTime {
  /** Milliseconds since the beginning. */
  readonly now: number
  /** Plans an event. Returns the function that calls it off. */
  after(milliseconds: number, task: () => void): () => void
  /** Lets so much time pass. @throws what an event throws */
  pass(milliseconds: number): Promise<void>
  /** Events so far. */
  readonly played: number
}

interface Planned {
  readonly at: number
  readonly order: number
  task: (() => void) | undefined
}

export function createVirtualTime(): VirtualTime {
  const heap: Planned[] = []
  let now = 0
  let order = 0
  let played = 0

  return {
    get now() {
      return now
    },
    get played() {
      return played
    },
    after: (milliseconds, task) => {
      const planned: Planned = { at: now + Math.max(0, milliseconds), order: (order += 1), task }
      push(heap, planned)
      return () => {
        planned.task = undefined
      }
    },
    pass: async (milliseconds) => {
      const end = now + milliseconds
      for (;;) {
        const next = heap[0]
        if (next === undefined || next.at > end) break
        pop(heap)
        if (next.task === undefined) continue
        now = next.at
        played += 1
        next.task()
        await microtasks()
      }
      now = end
    },
  }
}

/** Nothing in a simulated node waits for anything but virtual time, so one turn sees the end of all that an event has set off. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Planned[], planned: Planned): void {
  let index = heap.length
  heap.push(planned)
  while (index > 0) {
    const above = (index - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !isBefore(planned, parent)) break
    heap[index] = parent
    index = above
  }
  heap[index] = planned
}

/** Takes the first one away. */
function pop(heap: Planned[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let below = 2 * index + 1
    const left = heap[below]
    const right = heap[below + 1]
    if (left === undefined) break
    if (right !== undefined && isBefore(right, left)) below += 1
    const child = heap[below]
    if (child === undefined || !isBefore(child, last)) break
    heap[index] = child
    index = below
  }
  heap[index] = last
}
