import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { keyToVariable, SETTINGS, type Setting } from './settings.ts'

/** Puts a configuration file into a root directory that has none: every setting with its default, commented out. */
export async function writeDefaultConfig(rootdir: string): Promise<void> {
  await mkdir(rootdir, { recursive: true })
  try {
    await writeFile(join(rootdir, 'config.yaml'), defaultConfigText(), { flag: 'wx' })
  } catch (error) {
    // One that is there is the user's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

function defaultConfigText(): string {
  const entries = Object.entries<Setting<unknown>>(SETTINGS).map(
    // JSON is YAML too.
    ([key, setting]) =>
      `# ${setting.description} (--${setting.flag}, ${keyToVariable(key)})\n# ${key}: ${JSON.stringify(setting.default)}\n`,
  )
  return `# Settings of this node. A flag wins over the environment, that over this file. Take the # away to change one.\n\n${entries.join('\n')}`
}
