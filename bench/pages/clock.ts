/** Milliseconds since the epoch on the clock that all tabs of a machine share. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

const QUESTIONS = 20

/**
 * Answers the other tab's questions for the time, and asks it: the page is one of two that have this open on one origin.
 * Of several round trips the shortest tells best how far the clocks are apart.
 */
export function createClockComparison(channelName: string): () => Promise<{ readonly ahead: number; readonly roundTrip: number }> {
  const channel = new BroadcastChannel(channelName)
  channel.addEventListener('message', ({ data }: MessageEvent<{ readonly asked?: number }>) => {
    // A BroadcastChannel stays within its origin and takes no target.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    if (data.asked !== undefined) channel.postMessage({ answers: data.asked, time: now() })
  })

  async function ask(): Promise<{ readonly ahead: number; readonly roundTrip: number }> {
    const asked = now()
    const time = await new Promise<number>((resolve) => {
      const listener = ({ data }: MessageEvent<{ readonly answers?: number; readonly time?: number }>): void => {
        if (data.answers !== asked || data.time === undefined) return
        channel.removeEventListener('message', listener)
        resolve(data.time)
      }
      channel.addEventListener('message', listener)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      channel.postMessage({ asked })
    })
    const answered = now()
    return { ahead: time - (asked + answered) / 2, roundTrip: answered - asked }
  }

  return async () => {
    let best = await ask()
    for (let question = 1; question < QUESTIONS; question++) {
      const next = await ask()
      if (next.roundTrip < best.roundTrip) best = next
    }
    return best
  }
}
