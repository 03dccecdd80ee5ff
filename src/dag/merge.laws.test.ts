import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { STATUS_ACTIVE, STATUS_DELETED, type Commit, type FieldDelta, type SealedBlock } from '../block/block.ts'
import { CborReader } from '../block/cbor-reader.ts'
import { cidKey, cidToText, compareCids } from '../block/cid.ts'
import type { DocumentRecord } from '../document/record.ts'
import { encodeValue } from '../document/value.ts'
import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { parseSdl } from '../schema/sdl.ts'
import { bytesToHex } from '../util/bytes.ts'
import { randomOf, testSeed } from '../util/seed.testkit.ts'
import { arriveAt, play, someOrder, someScript, type Script, type Step } from './histories.testkit.ts'
import { replay } from './replay.ts'

/*
 * The laws of merging, for documents as they live: whatever writers do at the same time, and in whatever order, how often and on what ways their commits arrive
 * (each after its ancestors), everybody ends with the same record and the same heads.
 *
 * A failure prints its seed; WARREN_SEED plays it again.
 */
const SEED = testSeed() | 0
const HISTORIES = 10_000

/** Few values, so that writers often set the same or decide a tie. */
const TEXTS = fc.constantFrom<DocumentValue>(
  null,
  '',
  'a',
  'b',
  'ab',
  'ba',
  'é',
  'a text above 23 characters',
  'b text above 23 characters',
)
const NUMBERS = fc.constantFrom<DocumentValue>(null, 0, 1, -1, 23, 24, 256, -257, 2n ** 62n)
/**
 * Sums of floats depend on their order when digits are lost. Whole quarters of a moderate size lose none, neither in 64 bits nor in 32: so the laws are exact here, and
 * what is left to rounding is not the order's fault.
 */
const QUARTERS = fc.integer({ min: -4_000, max: 4_000 }).map((count): DocumentValue => count / 4)
const STEPS = fc.constantFrom<DocumentValue>(null, 0, 1, -1, 7, -300, 2n ** 62n, -(2n ** 62n))

/** Every CRDT on every kind it takes, as a field, with what is written to it. */
const FIELDS: readonly { readonly sdl: string; readonly values: fc.Arbitrary<DocumentValue> }[] = [
  { sdl: 'text: String', values: TEXTS },
  { sdl: 'flag: Boolean @crdt(type: lww)', values: fc.constantFrom<DocumentValue>(null, true, false) },
  { sdl: 'whole: Int', values: NUMBERS },
  { sdl: 'real: Float', values: fc.constantFrom<DocumentValue>(null, 0, -0, 1, 0.1, 1.5, -1.5, 1e300) },
  { sdl: 'list: [Int]', values: fc.constantFrom<DocumentValue>(null, [], [1], [2], [1, null]) },
  { sdl: 'tree: JSON', values: fc.constantFrom<DocumentValue>(null, 1, 'a', [], {}, { a: 1 }, { a: [null] }) },
  { sdl: 'up: Int @crdt(type: pcounter)', values: fc.constantFrom<DocumentValue>(null, 0, 1, 5, 2n ** 62n) },
  { sdl: 'upReal: Float @crdt(type: pcounter)', values: QUARTERS.map((value) => Math.abs(Number(value))) },
  { sdl: 'both: Int @crdt(type: pncounter)', values: STEPS },
  { sdl: 'bothReal: Float @crdt(type: pncounter)', values: QUARTERS },
  { sdl: 'bothShort: Float32 @crdt(type: pncounter)', values: QUARTERS },
]

function collectionOf(fields: readonly { readonly sdl: string }[]): CollectionVersion {
  const [collection] = parseSdl(`type Document { ${fields.map(({ sdl }) => sdl).join(' ')} }`, [])
  if (collection === undefined) throw new Error('no collection')
  return collection
}

function valuesOf(fields: typeof FIELDS): Readonly<Record<string, fc.Arbitrary<DocumentValue>>> {
  return Object.fromEntries(fields.map(({ sdl, values }) => [sdl.split(':')[0], values]))
}

const everything = collectionOf(FIELDS)
const someDocument = someScript(valuesOf(FIELDS), 16)

describe('every order with ancestors first and duplicates left out gives the same record', () => {
  it.each(FIELDS)('of a field $sdl', (field) => {
    const collection = collectionOf([field])
    fc.assert(
      fc.property(someScript(valuesOf([field]), 12), fc.nat(), (script, turn) => {
        expectLaws(collection, play(collection, script), turn)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it(`of whole documents, in ${HISTORIES} histories`, { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(someDocument, fc.nat(), (script, turn) => {
        expectLaws(everything, play(everything, script), turn)
      }),
      { seed: SEED, numRuns: HISTORIES },
    )
  })

  it('for a node that knows only some of the fields', () => {
    fc.assert(
      fc.property(someDocument, fc.subarray([...FIELDS]), fc.nat(), (script, known, turn) => {
        const collection = collectionOf(known)
        expectLaws(collection, { records: [], commits: play(everything, script).commits }, turn)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })
})

describe('the histories', () => {
  it('have all that makes merging hard', () => {
    const histories = fc.sample(someDocument, { numRuns: 300, seed: 1 }).map((script) => play(everything, script))
    const shares = Object.entries(HARD).map(([name, isHard]) => [name, histories.filter(({ commits }) => isHard(commits)).length])
    expect(shares.filter(([, count]) => Number(count) < 30)).toEqual([])
  })
})

describe('two writers who set a field at the same time', () => {
  const long = 'a'.repeat(24)

  it.each<{ rule: string; sdl: string; smaller: DocumentValue; greater: DocumentValue }>([
    { rule: 'the later letter', sdl: 'f: String', smaller: 'a', greater: 'b' },
    { rule: 'the longer text, whatever its letters', sdl: 'f: String', smaller: 'b', greater: 'ab' },
    { rule: 'the longer text, also where the length takes a byte of its own', sdl: 'f: String', smaller: 'z'.repeat(23), greater: long },
    { rule: 'null over a text', sdl: 'f: String', smaller: long, greater: null },
    { rule: 'null over a boolean', sdl: 'f: Boolean', smaller: true, greater: null },
    { rule: 'true over false', sdl: 'f: Boolean', smaller: false, greater: true },
    { rule: 'null over an integer', sdl: 'f: Int', smaller: 2n ** 62n, greater: null },
    { rule: 'a negative integer over a positive one', sdl: 'f: Int', smaller: 2n ** 62n, greater: -1 },
    { rule: 'a float over null', sdl: 'f: Float', smaller: null, greater: 0 },
    { rule: 'the float with more digits', sdl: 'f: Float', smaller: 60_000, greater: 0.1 },
    { rule: 'null over a list', sdl: 'f: [Int]', smaller: [1, 2], greater: null },
    { rule: 'the longer list', sdl: 'f: [Int]', smaller: [2], greater: [1, 1] },
  ])('end with $rule', ({ sdl, smaller, greater }) => {
    const collection = collectionOf([{ sdl }])
    const { commits, records } = play(collection, inParallel({ f: smaller }, { f: greater }))
    const [kind] = collection.fields.filter(({ name }) => name === 'f').map((field) => field.kind)
    if (kind?.type !== 'value') throw new Error('no value')
    for (const record of records) {
      expect(record?.fields.get('f')).toMatchObject({ data: encodeValue(kind, greater), priority: 2 })
      // The one that lost is a head all the same: the next write supersedes both.
      expect(record?.fields.get('f')?.heads).toHaveLength(2)
    }
    expectLaws(collection, { commits, records }, 0)
  })

  it('to the same value have made one block of it, in a commit each', () => {
    const collection = collectionOf([{ sdl: 'f: String' }, { sdl: 'g: Int' }])
    const { commits, records } = play(collection, inParallel({ f: 'a', g: 1 }, { f: 'a' }))
    for (const record of records) {
      expect(record?.heads).toHaveLength(2)
      expect(record?.fields.get('f')?.heads).toHaveLength(1)
    }
    expectLaws(collection, { commits, records }, 0)
  })
})

/** One writer creates the document, another takes it; then both write, and neither knows of the other. */
function inParallel(a: Readonly<Record<string, DocumentValue>>, b: Readonly<Record<string, DocumentValue>>): Script {
  const first = Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, null]))
  const write = (writer: number, values: typeof a): Step => ({ kind: 'write', writer, values, isOldSchema: false })
  return { writers: 2, steps: [write(0, first), { kind: 'take', writer: 1, from: 0, quarters: 4 }, write(0, a), write(1, b)] }
}

/** What a history may have in it. */
const HARD: Readonly<Record<string, (commits: readonly Commit[]) => boolean>> = {
  'a diamond': (commits) => {
    const children = commits.flatMap(({ composite }) => composite.block.heads.map(cidKey))
    const forks = new Set(children.filter((cid, index) => children.indexOf(cid) !== index))
    const joins = commits.filter(({ composite }) => composite.block.heads.length > 1)
    return joins.some((join) => [...ancestorsOf(join, commits)].some((cid) => forks.has(cid)))
  },
  'three heads at the end': (commits) => leavesOf(commits.map(({ composite }) => composite)).length > 2,
  'a deletion beside an update': (commits) => {
    const deletion = commits.find(({ composite }) => composite.block.delta.status === STATUS_DELETED)
    if (deletion === undefined) return false
    const before = ancestorsOf(deletion, commits)
    return commits.some((commit) => commit !== deletion && commit.fields.length > 0 && !before.has(cidKey(commit.composite.cid)))
  },
  'a field block in two commits': (commits) => {
    const cids = commits.flatMap(({ fields }) => fields.map(({ cid }) => cidKey(cid)))
    return new Set(cids).size < cids.length
  },
  'a tie of a register': (commits) => {
    const blocks = new Map(commits.flatMap(({ fields }) => fields.map(({ cid, block }) => [cidKey(cid), block.delta])))
    const places = [...blocks.values()].flatMap(({ kind, fieldName, priority }) => (kind === 'lww' ? `${fieldName} ${priority}` : []))
    return new Set(places).size < places.length
  },
  'two versions of the schema': (commits) => new Set(commits.map(({ composite }) => composite.block.delta.schemaVersionId)).size > 1,
}

function ancestorsOf(commit: Commit, commits: readonly Commit[]): ReadonlySet<string> {
  const byCid = new Map(commits.map((one) => [cidKey(one.composite.cid), one]))
  const found = new Set<string>()
  const visit = ({ composite }: Commit): void => {
    for (const key of composite.block.heads.map(cidKey)) {
      const parent = byCid.get(key)
      if (found.has(key) || parent === undefined) continue
      found.add(key)
      visit(parent)
    }
  }
  visit(commit)
  return found
}

/** Everybody's record, and that of whoever gets the commits in other orders, is the one that the blocks tell without any order. */
function expectLaws(collection: CollectionVersion, { records, commits }: ReturnType<typeof play>, turn: number): void {
  const expected = spell(recordOf(collection, commits))
  for (const record of records) expect(spell(record)).toBe(expected)
  const random = randomOf(turn)
  for (let round = 0; round < 2; round++) {
    expect(spell(arriveAt(collection, someOrder(commits, random)))).toBe(expected)
  }
  expect(spell(replay(collection, random.shuffled([...commits, ...commits])))).toBe(expected)
}

/** All that a record says, as one text. */
function spell(record: DocumentRecord | undefined): string {
  if (record === undefined) return 'nothing'
  const fields = [...record.fields].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const spelled = fields.map(([name, field]) => `${name}: ${bytesToHex(field.data)} at ${field.priority} of ${headTexts(field.heads)}`)
  return [`status ${record.status}`, record.schemaVersionId, headTexts(record.heads), ...spelled].join('\n')
}

function headTexts(heads: DocumentRecord['heads']): string {
  return heads.map(({ cid, height }) => `${bytesToHex(cid)}:${height}`).join(' ')
}

/** The state as the blocks tell it, looked at all at once: the slow and obvious way. */
function recordOf(collection: CollectionVersion, commits: readonly Commit[]): DocumentRecord | undefined {
  const composites = commits.map(({ composite }) => composite)
  const heads = leavesOf(composites)
  const [latest] = heads.toSorted((a, b) => b.height - a.height || compareCids(b.cid, a.cid))
  const version = composites.find(({ cid }) => cid === latest?.cid)
  if (version === undefined) return undefined
  const blocks = new Map(commits.flatMap(({ fields }) => fields).map((sealed) => [cidKey(sealed.cid), sealed]))
  const fields = collection.fields.flatMap((field) => {
    const own = [...blocks.values()].filter(({ block }) => block.delta.fieldName === field.name)
    return own.length === 0 ? [] : [[field.name, { ...stateOf(field, own), heads: leavesOf(own) }] as const]
  })
  return {
    status: composites.some(({ block }) => block.delta.status === STATUS_DELETED) ? STATUS_DELETED : STATUS_ACTIVE,
    schemaVersionId: version.block.delta.schemaVersionId,
    heads,
    fields: new Map(fields),
  }
}

/** The blocks that no other calls a parent. */
function leavesOf(blocks: readonly SealedBlock[]): DocumentRecord['heads'] {
  const parents = new Set(blocks.flatMap(({ block }) => block.heads.map(cidKey)))
  const leaves = blocks.filter(({ cid }) => !parents.has(cidKey(cid)))
  return leaves
    .map(({ cid, block }) => ({ cid, height: block.delta.priority }))
    .toSorted((a, b) => (cidToText(a.cid) < cidToText(b.cid) ? -1 : 1))
}

/** The sum of all steps, or the greatest of the highest values. */
function stateOf(
  field: FieldDescription,
  blocks: readonly SealedBlock<FieldDelta>[],
): { readonly data: Uint8Array; readonly priority: number } {
  const { kind } = field
  if (kind.type !== 'value') throw new Error(`${field.name} has no value`)
  const deltas = blocks.map(({ block }) => block.delta)
  const priority = Math.max(...deltas.map((delta) => delta.priority))
  if (deltas.every((delta) => delta.kind === 'lww')) {
    const highest = deltas.filter((delta) => delta.priority === priority).map((delta) => bytesToHex(delta.data))
    return { data: Uint8Array.from(Buffer.from(highest.toSorted().at(-1) ?? '', 'hex')), priority }
  }
  const readers = deltas.map(({ data }) => new CborReader(data, 'step')).filter((reader) => !reader.tryNull())
  const sum =
    kind.scalar === 'Int'
      ? BigInt.asIntN(
          64,
          readers.reduce((total, reader) => total + BigInt(reader.int()), 0n),
        )
      : readers.reduce((total, reader) => total + reader.float(), 0)
  return { data: encodeValue(kind, sum), priority }
}
