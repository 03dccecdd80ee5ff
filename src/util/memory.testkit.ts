import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { memoize } from './memoize.ts'

/** Bytes in objects and in buffers, with what is no longer in use and was not collected yet. */
export function memoryNow(): number {
  const { used_heap_size: objects, external_memory: buffers } = getHeapStatistics()
  return objects + buffers
}

/** Bytes in use, and nothing else. */
export function memoryInUse(): number {
  collectorBehind('--expose-gc')()
  return memoryNow()
}

/** The engine shows it to a context that is made after the flag was set. A context takes memory itself: one is enough. */
const collectorBehind = memoize((flag: string): (() => void) => {
  setFlagsFromString(flag)
  return runInNewContext('gc') as () => void
})
