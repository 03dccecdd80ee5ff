import { expect, it } from 'vitest'

import { patchSchema } from './patch-schema.ts'
import { parseSdl } from './sdl.ts'
import { setActiveVersion } from './set-active.ts'

const first = parseSdl('type Note { title: String } type Tag { name: String }', [])
const branches = ['a', 'b'].flatMap((name) =>
  patchSchema(first, [{ op: 'add', path: `/Note/Fields/${name}`, value: { Kind: 4 } }], { setActive: false }),
)
const versions = [...first, ...branches]

it('activates one version and puts its siblings out of use, and no other collection', () => {
  const [a, b] = branches
  const changed = setActiveVersion(versions, a?.versionId ?? '')
  expect(changed.map(({ versionId, isActive }) => [versionId, isActive])).toEqual([
    [first[0]?.versionId, false],
    [a?.versionId, true],
  ])
  const now = versions.map((version) => changed.find(({ versionId }) => versionId === version.versionId) ?? version)
  expect(setActiveVersion(now, b?.versionId ?? '').map(({ versionId, isActive }) => [versionId, isActive])).toEqual([
    [a?.versionId, false],
    [b?.versionId, true],
  ])
})

it('changes nothing when the version is active already', () => {
  expect(setActiveVersion(versions, first[0]?.versionId ?? '')).toEqual([])
})

it('knows only versions that are there', () => {
  expect(() => setActiveVersion(versions, 'bafkrei')).toThrow(
    expect.objectContaining({ code: 'NOT_FOUND', message: 'key not found: no schema has the version ID "bafkrei"' }),
  )
})
