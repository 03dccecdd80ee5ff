/* What RxDB's simple-peer asks of a page, as RxDB's documentation has it. */

Object.assign(globalThis, {
  process: {
    env: {},
    nextTick: (task: (...given: unknown[]) => void, ...given: unknown[]): void => queueMicrotask(() => task(...given)),
  },
})
