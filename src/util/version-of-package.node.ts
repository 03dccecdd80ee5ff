import { readFile } from 'node:fs/promises'

/** The version of the package this file belongs to: two folders up in the source, three in the built package. */
export async function versionOfPackage(): Promise<string> {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'))
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version)
    } catch (error) {
      // Not this one: the next place is the right one, or none is.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  return 'unknown'
}
