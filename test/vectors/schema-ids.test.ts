import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { collectionSdl } from '../../src/schema/collection-sdl.ts'
import { hashedJson, setsOf } from '../../src/schema/schema-id.ts'
import { declareSchemas, parseSdl } from '../../src/schema/sdl.ts'
import { describePublished, readOwn } from './published.ts'

interface Vector {
  /** Own vectors tell what they are for. */
  readonly why?: string
  readonly sdl: string
  readonly name: string
  readonly hashedJSON: string
  readonly versionID: string
}

interface PublishedVector extends Vector {
  readonly kind: 'create' | 'patch'
  readonly collectionID: string
}

describePublished<readonly PublishedVector[]>('schema-versions.json', (vectors) => {
  const created = vectors.filter(({ kind }) => kind === 'create')

  it('are not few', () => {
    expect(created).toHaveLength(45)
  })

  it.each(created.map((vector) => [vector.versionID, vector.name, vector] as const))('%s is %s', (_id, _name, vector) => {
    expectSchemaId(vector, vector.collectionID)
  })
})

describe('the own vectors of schema IDs', () => {
  const vectors = readOwn<readonly Vector[]>('schema-ids.json')

  it.each(vectors.map((vector) => [vector.why, vector.name, vector] as const))('%s: %s', (_why, _name, vector) => {
    expectSchemaId(vector, vector.versionID)
  })

  it('have the IDs that SHA-256 makes of their JSON', () => {
    for (const { hashedJSON, versionID } of vectors) {
      const cid = Buffer.concat([Buffer.from([0x01, 0x55, 0x12, 0x20]), createHash('sha256').update(hashedJSON).digest()])
      expect(versionID.split('-')[0]).toBe(`b${base32(cid)}`)
    }
  })
})

function expectSchemaId({ sdl, name, hashedJSON, versionID }: Vector, collectionId: string): void {
  const set = setsOf(declareSchemas(sdl, []).schemas).find((members) => members.some((schema) => schema.name === name))
  expect(hashedJson(set ?? [])).toBe(hashedJSON)
  const versions = parseSdl(sdl, [])
  const expected = { versionId: versionID, collectionId }
  expect(versions.find((candidate) => candidate.name === name)).toMatchObject(expected)
  const printed = parseSdl(collectionSdl(versions, [name]), [])
  expect(printed.find((candidate) => candidate.name === name)).toMatchObject(expected)
}

/** RFC 4648 in lower case without padding, by its bits: slow, and unlike the code under test. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}
