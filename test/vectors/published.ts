import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

const FOLDER = new URL('../../../shared/vectors/', import.meta.url)

/**
 * Tests over vectors that others have published. They lie beside the project where it is developed and are no part of it; a clone alone says that they are
 * not there, and holds the project's own vectors only.
 */
export function describePublished<T>(name: string, tests: (vectors: T) => void): void {
  const file = new URL(name, FOLDER)
  if (existsSync(file)) {
    describe(`the published vectors of ${name}`, () => {
      tests(JSON.parse(readFileSync(file, 'utf8')) as T)
    })
  } else {
    it(`compares nothing with the published vectors of ${name}: they are not beside the project`, () => {
      expect(existsSync(file)).toBe(false)
    })
  }
}

/** The project's own vectors. */
export function readOwn<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T
}
