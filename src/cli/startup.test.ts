import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

/** What a command may load before it runs: the rest takes longer than Node itself, and is imported by the commands that need it. */
const LIGHT = ['commander', 'node:']

describe('the start of a command', () => {
  it('waits for no package but the parser of the command line', () => {
    const packages = [...loadedBy(MAIN)].filter((specifier) => !specifier.startsWith('/'))
    expect(packages.length).toBeGreaterThan(0)
    expect(packages.filter((specifier) => !LIGHT.some((light) => specifier.startsWith(light)))).toEqual([])
  })

  it('waits for nothing of the engine, the storage or the network', () => {
    const folders = new Set([...loadedBy(MAIN)].map((file) => /\/src\/(\w+)\//.exec(file)?.[1]))
    for (const folder of ['storage', 'query', 'database', 'network']) expect(folders).not.toContain(folder)
  })
})

/** Files, and packages by name, that importing a file loads: what is imported as a type or by `import()` is not among them. */
function loadedBy(file: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const statements = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?!type\s)[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm)
  for (const [, named, plain] of statements) {
    const specifier = named ?? plain ?? ''
    if (specifier.startsWith('.')) loadedBy(join(dirname(file), specifier), seen)
    else seen.add(specifier)
  }
  return seen
}
