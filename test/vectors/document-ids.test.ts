import { describe, expect, it } from 'vitest'

import { documentId, documentPreimage } from '../../src/document/document-id.ts'
import { parseDocument, withDefaults } from '../../src/document/document-input.ts'
import { parseDocumentJson } from '../../src/document/json.ts'
import { parseSdl } from '../../src/schema/sdl.ts'
import { bytesToHex } from '../../src/util/bytes.ts'
import { describePublished, readOwn } from './published.ts'

interface Vector {
  /** Own vectors tell what they are for. */
  readonly rule?: string
  readonly sdl: readonly string[]
  readonly collection: string
  readonly collectionID: string
  /** JSON text, so that no number loses its spelling. */
  readonly doc: string
  readonly preimageHex: string
  readonly docID: string
}

describePublished<readonly Vector[]>('doc-ids.json', (vectors) => {
  it('are not few', () => {
    expect(vectors.length).toBeGreaterThan(100)
  })

  it.each(vectors.map((vector) => [vector.docID, vector.doc, vector] as const))('%s is made of %s', (_docID, _doc, vector) => {
    expectDocumentId(vector)
  })
})

describe('the own vectors of document IDs', () => {
  const vectors = readOwn<readonly Vector[]>('document-ids.json')

  it.each(vectors.map((vector) => [vector.rule, vector.doc, vector] as const))('%s: %s', (_rule, _doc, vector) => {
    expectDocumentId(vector)
  })
})

function expectDocumentId({ sdl, collection: name, collectionID, doc, preimageHex, docID }: Vector): void {
  const collection = parseSdl(takenSdl(sdl), []).find((version) => version.name === name)
  if (collection === undefined) throw new Error(`no type ${name} in ${sdl.join(' ')}`)
  expect(collection.collectionId).toBe(collectionID)
  const values = withDefaults(collection, parseDocument(collection, parseDocumentJson(doc), 'create'))
  expect(bytesToHex(documentPreimage(collection, values))).toBe(preimageHex)
  expect(documentId(collection, values)).toBe(docID)
}

/** Without policies, which are not taken here and have no part in any of the IDs. */
function takenSdl(sdl: readonly string[]): string {
  return sdl.join('\n').replace(/@policy\([^)]*\)/, '')
}
