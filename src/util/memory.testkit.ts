import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes in objects and in buffers, with what is no longer in use and was not collected yet. */
export function memoryNow(): number {
  const { used_heap_size: objects, external_memory: buffers } = getHeapStatistics()
  return objects + buffers
}

/** Bytes in use, and nothing else. */
export function memoryInUse(): number {
  setFlagsFromString('--expose-gc')
  // The engine shows it to a context that is made after it was asked to.
  const collect = runInNewContext('gc') as () => void
  collect()
  return memoryNow()
}
