import { access } from 'node:fs/promises'
import { join } from 'node:path'

/** The first of these folders that has a page in it. */
export async function pageFolder(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    try {
      await access(join(folder, 'index.html'))
      return folder
    } catch {
      // Not this one.
    }
  }
  return undefined
}
