import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { cidToText } from '../block/cid.ts'
import { documentId } from '../document/document-id.ts'
import { parseDocument, withDefaults } from '../document/document-input.ts'
import { parseDocumentJson } from '../document/json.ts'
import type { DocumentRecord, Head } from '../document/record.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { parseSdl } from '../schema/sdl.ts'
import { bytesToHex } from '../util/bytes.ts'
import { buildCollectionBlock, buildCommit } from './append.ts'
import { advanceHeads } from './heads.ts'
import { mergeCommit } from './merge.ts'

interface Scenario {
  readonly source: { readonly test: string }
  readonly sdl: readonly string[]
  readonly ops: readonly {
    readonly op: string
    readonly collection: string
    readonly docID: string
    readonly doc?: string
    readonly compositeCID: string
  }[]
  readonly blocks: readonly {
    readonly cid: string
    readonly kind: string
    readonly bytesHex: string
    readonly docID?: string
    readonly height: number
    readonly nonce?: number | string
  }[]
}

const OWN = new URL('../../test/vectors/commits.json', import.meta.url)
const REFERENCE = new URL('../../../shared/vectors/commits.json', import.meta.url)

for (const { title, file } of [
  { title: 'own', file: OWN },
  { title: 'reference', file: REFERENCE },
]) {
  // The reference vectors lie beside the project where it is developed; a clone alone has its own.
  describe.runIf(existsSync(file))(`the ${title} commit vectors`, () => {
    const scenarios = existsSync(file) ? parseScenarios(readFileSync(file, 'utf8')) : []

    it('hold scenarios with operations', () => {
      expect(scenarios.length).toBeGreaterThan(0)
    })

    it.each(scenarios.map((scenario) => [scenario.source.test, scenario] as const))('%s: every block, byte for byte', (_name, scenario) => {
      const expected = scenario.blocks.map((block) => [block.cid, block.bytesHex] as const)
      expect([...replay(scenario)].toSorted()).toEqual(expected.toSorted())
    })
  })
}

function parseScenarios(text: string): readonly Scenario[] {
  const parsed: readonly Scenario[] = JSON.parse(text)
  // Some entries hold blocks alone, without the operations that made them: those are read by the codec's own test.
  return parsed.filter((scenario) => scenario.ops.length > 0)
}

/** Carries out the operations and gives every block that came of them: hex by CID. */
function replay(scenario: Scenario): ReadonlyMap<string, string> {
  const collections = new Map(scenario.sdl.flatMap((sdl) => parseSdl(sdl, [])).map((version) => [version.name, version]))
  const records = new Map<string, DocumentRecord>()
  const collectionHeads = new Map<string, readonly Head[]>()
  const made = new Map<string, string>()

  for (const { op, collection: name, docID, doc, compositeCID } of scenario.ops) {
    const collection = collections.get(name)
    if (collection === undefined) throw new Error(`no collection ${name}`)
    const commit = commitOf(scenario, collection, op, docID, doc, records.get(docID))
    expect(cidToText(commit.composite.cid)).toBe(compositeCID)
    for (const block of [commit.composite, ...commit.fields]) made.set(cidToText(block.cid), bytesToHex(block.bytes))
    records.set(docID, mergeCommit(collection, records.get(docID), commit))
    if (collection.isBranchable) {
      const heads = collectionHeads.get(name) ?? []
      const block = buildCollectionBlock(collection, heads, commit.composite)
      made.set(cidToText(block.cid), bytesToHex(block.bytes))
      const head = { cid: block.cid, height: block.block.delta.priority }
      collectionHeads.set(name, advanceHeads(heads, head, block.block.heads))
    }
  }
  return made
}

function commitOf(
  scenario: Scenario,
  collection: CollectionVersion,
  op: string,
  docID: string,
  doc: string | undefined,
  record: DocumentRecord | undefined,
): Commit {
  if (op === 'delete') return buildCommit(collection, docID, record, { kind: 'delete' }, noNonce)
  const given = parseDocument(collection, parseDocumentJson(doc ?? ''), op === 'create' ? 'create' : 'update')
  const values = op === 'create' ? withDefaults(collection, given) : given
  if (op === 'create') expect(documentId(collection, values)).toBe(docID)
  // A nonce is random: the replay takes the one that the vector's block of this height has.
  const nonce = (): bigint => {
    const height = 1 + Math.max(0, ...(record?.fields.get([...values.keys()][0] ?? '')?.heads ?? []).map((head) => head.height))
    const block = scenario.blocks.find(
      (candidate) => candidate.kind === 'counter' && candidate.docID === docID && candidate.height === height,
    )
    return BigInt(block?.nonce ?? 0)
  }
  return buildCommit(collection, docID, record, { kind: 'write', values }, nonce)
}

function noNonce(): bigint {
  throw new Error('a delete has no counter block')
}
