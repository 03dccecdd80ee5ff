import { describe, expect, it } from 'vitest'

import type { CollectionVersion } from '../../src/schema/collection-version.ts'
import { patchSchema, proposeSchemas } from '../../src/schema/patch-schema.ts'
import { hashedJson, setsOf } from '../../src/schema/schema-id.ts'
import { parseSdl } from '../../src/schema/sdl.ts'
import { setActiveVersion } from '../../src/schema/set-active.ts'
import { describePublished, readOwn } from './published.ts'

type Step = { readonly patch: readonly unknown[]; readonly setAsActive: boolean } | { readonly setActiveVersion: string }

interface Vector {
  /** Own vectors tell what they are for. */
  readonly why?: string
  readonly sdl: readonly string[]
  readonly steps: readonly Step[]
  readonly name: string
  /** What is hashed in the last step. */
  readonly hashedJSON: string
  readonly versionID: string
  readonly collectionID: string
  readonly previousVersionID: string
}

describePublished<readonly (Vector & { readonly kind: string })[]>('schema-versions.json', (all) => {
  const vectors = all.filter(({ kind }) => kind === 'patch')

  it('are not few', () => {
    expect(vectors).toHaveLength(15)
  })

  it.each(vectors.map((vector) => [vector.versionID, vector.name, vector] as const))('%s is a version of %s', (_id, _name, vector) => {
    expectVersion(vector)
  })
})

describe('the own vectors of patched schemas', () => {
  const vectors = readOwn<readonly Vector[]>('schema-patches.json')

  it.each(vectors.map((vector) => [vector.why, vector.name, vector] as const))('%s: %s', (_why, _name, vector) => {
    expectVersion(vector)
  })
})

function expectVersion({ sdl, steps, name, hashedJSON, versionID, collectionID, previousVersionID }: Vector): void {
  const first = sdl.reduce<readonly CollectionVersion[]>((versions, text) => [...versions, ...parseSdl(text, versions)], [])
  const before = steps.slice(0, -1).reduce(afterStep, first)
  const last = steps.at(-1)
  if (last === undefined || !('patch' in last)) throw new Error('the last step is a patch')
  const sets = setsOf(proposeSchemas(before, last.patch).map(({ schema }) => schema))
  expect(hashedJson(sets.find((set) => set.some((schema) => schema.name === name)) ?? [])).toBe(hashedJSON)
  expect(afterStep(before, last).find(({ versionId }) => versionId === versionID)).toMatchObject({
    name,
    collectionId: collectionID,
    previousVersionId: previousVersionID,
    isActive: last.setAsActive,
  })
}

function afterStep(versions: readonly CollectionVersion[], step: Step): readonly CollectionVersion[] {
  const changed =
    'patch' in step ? patchSchema(versions, step.patch, { setActive: step.setAsActive }) : setActiveVersion(versions, step.setActiveVersion)
  return [...new Map([...versions, ...changed].map((version) => [version.versionId, version])).values()]
}
