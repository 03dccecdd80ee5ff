/** Hidden tabs draw no frames; there the work is done this often instead. */
const HIDDEN_TAB_MS = 250

/** Work that is asked for often and done at most once a frame. */
export interface FrameWork {
  request(): void
  close(): void
}

/**
 * Runs `work` in the next animation frame, once, however often it is requested before. It never runs twice at the same time: a request while it runs
 * is served in a frame after it. What it throws goes to `failed`, and the next request runs it again.
 */
export function onFrame(work: () => void | Promise<void>, failed: (error: unknown) => void): FrameWork {
  let state: 'idle' | 'waiting' | 'running' | 'running, wanted again' | 'closed' = 'idle'
  let cancel = (): void => undefined

  const run = async (): Promise<void> => {
    state = 'running'
    try {
      await work()
    } catch (error) {
      if (!isClosed()) failed(error)
    }
    if (isClosed()) return
    const again = wantedAgain()
    state = 'idle'
    if (again) request()
  }
  // Functions, because the state changes during the await in ways the compiler cannot follow.
  const isClosed = (): boolean => state === 'closed'
  const wantedAgain = (): boolean => state === 'running, wanted again'

  const request = (): void => {
    if (state === 'running') state = 'running, wanted again'
    if (state !== 'idle') return
    state = 'waiting'
    const start = (): void => {
      cancel()
      void run()
    }
    const frame = requestAnimationFrame(start)
    const timer = setTimeout(start, HIDDEN_TAB_MS)
    cancel = () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }

  return {
    request,
    close: () => {
      state = 'closed'
      cancel()
    },
  }
}
