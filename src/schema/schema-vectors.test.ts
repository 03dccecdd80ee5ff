import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { parseSdl } from './sdl.ts'

interface Vector {
  readonly kind: 'create' | 'patch'
  readonly sdl: string
  readonly name: string
  readonly versionID: string
  readonly collectionID: string
  readonly hashedJSON: string
}
const file = new URL('../../../shared/vectors/schema-versions.json', import.meta.url)
const all = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []) as readonly Vector[]
describe('x', () => {
  for (const vector of all.filter((v) => v.kind === 'create')) {
    it(vector.versionID, () => {
      const version = parseSdl(vector.sdl, []).find((v) => v.name === vector.name)
      expect(version?.versionId).toBe(vector.versionID)
      expect(version?.collectionId).toBe(vector.collectionID)
    })
  }
})
