/** After a pause of a frame or more, work is done at once: the frame that shows it is then the very next. */
const FRAME_MS = 16
/** Hidden tabs draw no frames; there the work is done this often instead. */
const HIDDEN_TAB_MS = 250

/** Work that is asked for often and done at most once a frame. */
export interface FrameWork {
  request(): void
  close(): void
}

/**
 * Runs `work` once for all requests of a frame; the first request after a pause at once, when the events under way have been told. It never runs twice at
 * the same time: a request while it runs is served in a frame after it. What it throws goes to `failed`, and the next request runs it again.
 */
export function onFrame(work: () => void | Promise<void>, failed: (error: unknown) => void): FrameWork {
  let state: 'idle' | 'waiting' | 'running' | 'running, wanted again' | 'closed' = 'idle'
  let cancel = (): void => undefined
  let endedAt = 0

  const run = async (): Promise<void> => {
    state = 'running'
    try {
      await work()
    } catch (error) {
      if (!isClosed()) failed(error)
    }
    if (isClosed()) return
    endedAt = performance.now()
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
    const isPause = performance.now() - endedAt > FRAME_MS
    const frame = requestAnimationFrame(start)
    const timer = setTimeout(start, isPause ? 0 : HIDDEN_TAB_MS)
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
