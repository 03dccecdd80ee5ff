import { describe, expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { cidKey, type Cid } from '../block/cid.ts'
import { sealBlock } from '../block/codec.ts'
import { openCommit, packCommit, sealCommit } from '../block/commit.ts'
import { sealEncryption } from '../block/encryption-block.ts'
import { openSealed } from '../block/open-sealed.ts'
import type { DocumentRecord } from '../document/record.ts'
import { decodeValue } from '../document/value.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { parseSdl } from '../schema/sdl.ts'
import { buildCommit } from './append.ts'
import { mergeCommit, type PlainData } from './merge.ts'
import { replay } from './replay.ts'

const [collection] = parseSdl('type Note { title: String body: String votes: Int @crdt(type: pncounter) }', [])
if (collection === undefined) throw new Error('no collection')
const note = collection

const DOC_ID = 'bae-0a1b2c3d-4e5f-5061-8273-8495a6b7c8d9'
const KEY = sealEncryption({ key: new Uint8Array(32).fill(7), docId: DOC_ID })

function aCommit(record: DocumentRecord | undefined, values: Readonly<Record<string, DocumentValue>>): Commit {
  return buildCommit(note, DOC_ID, record, { kind: 'write', values: new Map(Object.entries(values)) }, () => 5n)
}

/** The commit as another node makes it that encrypts these fields, and it arrives. */
async function encrypted(commit: Commit, names: readonly string[]): Promise<Commit> {
  const fields = await Promise.all(
    commit.fields.map(async ({ block }) => {
      if (!names.includes(block.delta.fieldName)) return sealBlock(block)
      return sealBlock({ ...block, delta: { ...block.delta, data: await encryptedData(block.delta.data) }, encryption: KEY.cid })
    }),
  )
  const { delta, heads } = commit.composite.block
  return openCommit(packCommit(sealCommit(delta, heads, fields)))
}

async function encryptedData(data: Uint8Array): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const key = await crypto.subtle.importKey('raw', KEY.block.key.slice(), 'AES-GCM', false, ['encrypt'])
  return Uint8Array.of(...iv, ...new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, data.slice())))
}

/** What a node that has the key opens before it merges. */
async function opened(...commits: readonly Commit[]): Promise<PlainData> {
  const sealed = commits.flatMap(({ fields }) => fields).filter(({ block }) => block.encryption !== undefined)
  return new Map(
    await Promise.all(sealed.map(async ({ cid, block }) => [cidKey(cid), await openSealed(KEY.block.key, block.delta.data)] as const)),
  )
}

function valueOf(record: DocumentRecord | undefined, name: string): DocumentValue | undefined {
  const field = note.fields.find((one) => one.name === name)
  const data = record?.fields.get(name)?.data
  return field?.kind.type === 'value' && data !== undefined ? decodeValue(field.kind, data) : undefined
}

function fieldHeads(record: DocumentRecord | undefined, name: string): readonly Cid[] {
  return record?.fields.get(name)?.heads.map(({ cid }) => cid) ?? []
}

describe('an encrypted field block', () => {
  it('leaves neither value nor head without its plain data, and the rest of its commit is merged', async () => {
    const commit = await encrypted(aCommit(undefined, { title: 'seen', body: 'hidden', votes: 3 }), ['body', 'votes'])
    const record = mergeCommit(note, undefined, commit)
    expect([...record.fields.keys()]).toEqual(['title'])
    expect(valueOf(record, 'title')).toBe('seen')
    expect(record.heads.map(({ cid }) => cid)).toEqual([commit.composite.cid])
  })

  it('leaves the state of an earlier block of its field as it was', async () => {
    const first = aCommit(undefined, { title: 'clear' })
    const before = mergeCommit(note, undefined, first)
    const second = await encrypted(aCommit(before, { title: 'hidden' }), ['title'])
    const after = mergeCommit(note, before, second)
    expect(after.fields.get('title')).toEqual(before.fields.get('title'))
    expect(after.heads.map(({ cid }) => cid)).toEqual([second.composite.cid])
  })

  it('is merged with its plain data like any other, under its own CID', async () => {
    const plain = aCommit(undefined, { title: 'seen', body: 'hidden', votes: 3 })
    const commit = await encrypted(plain, ['body', 'votes'])
    const record = mergeCommit(note, undefined, commit, [], await opened(commit))
    expect([valueOf(record, 'title'), valueOf(record, 'body'), valueOf(record, 'votes')]).toEqual(['seen', 'hidden', 3])
    const body = commit.fields.find(({ block }) => block.delta.fieldName === 'body')
    expect(fieldHeads(record, 'body')).toEqual([body?.cid])
  })

  it('that was passed over counts once its key is there, and once only', async () => {
    const first = await encrypted(aCommit(undefined, { votes: 3 }), ['votes'])
    const locked = mergeCommit(note, undefined, first)
    // Written without the key: this node sees no votes.
    const second = aCommit(locked, { votes: 10 })
    expect(valueOf(mergeCommit(note, locked, second), 'votes')).toBe(10)

    const commits = [second, first, first]
    const record = replay(note, commits, await opened(...commits))
    expect(valueOf(record, 'votes')).toBe(13)
    expect(fieldHeads(record, 'votes')).toHaveLength(2)
    expect(replay(note, commits)).toEqual(mergeCommit(note, locked, second))
  })
})

describe('a commit of a document that is encrypted as a whole', () => {
  it('is merged with its heads, whoever may see the record', async () => {
    const { composite, fields } = await encrypted(aCommit(undefined, { title: 'hidden' }), ['title'])
    const commit = { composite: sealBlock({ ...composite.block, encryption: KEY.cid }), fields }
    const record = mergeCommit(note, undefined, openCommit(packCommit(commit)))
    expect(record.heads.map(({ cid }) => cid)).toEqual([commit.composite.cid])
    expect(record.fields.size).toBe(0)
    expect(valueOf(replay(note, [commit], await opened(commit)), 'title')).toBe('hidden')
  })
})

describe('the version of a document', () => {
  const old = { ...note, versionId: 'old' }

  function write(version: typeof note, record: DocumentRecord | undefined, title: string): Commit {
    return buildCommit(version, DOC_ID, record, { kind: 'write', values: new Map([['title', title]]) }, () => 0n)
  }

  it('is that of the highest commit, whatever comes after it', () => {
    const first = write(note, undefined, 'a')
    const start = mergeCommit(note, undefined, first)
    const [low, other] = [write(old, start, 'b'), write(note, start, 'c')]
    const high = write(note, mergeCommit(note, start, other), 'd')
    for (const order of [
      [low, other, high],
      [other, low, high],
      [other, high, low],
    ]) {
      expect(order.reduce((record, commit) => mergeCommit(note, record, commit), start).schemaVersionId).toBe(note.versionId)
    }
  })
})
