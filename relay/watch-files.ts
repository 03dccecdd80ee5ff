import { unwatchFile, watchFile, type StatsListener } from 'node:fs'

import { LOOK_AT_FILES_EVERY } from './options.ts'

/** Calls `onChange` after a change of any of the files, also when one was replaced. Returns the function that ends it. */
export function watchFiles(paths: readonly string[], onChange: () => void): () => void {
  const listener: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) onChange()
  }
  for (const path of paths) watchFile(path, { interval: LOOK_AT_FILES_EVERY, persistent: false }, listener)
  return () => {
    for (const path of paths) unwatchFile(path, listener)
  }
}
