import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { openDatabase, type Database, type OpenOptions } from './index.node.ts'
import { newKeyPair } from './identity/key-pair.ts'

const NOTES = 'type Note { title: String stars: Int when: DateTime tags: [String!] }'
const opened: Database[] = []
const folders: string[] = []

afterEach(async () => {
  for (const db of opened.splice(0)) await db.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function aDatabase(options: OpenOptions = {}): Promise<Database> {
  const db = await openDatabase({ storage: 'memory', p2p: false, ...options })
  opened.push(db)
  return db
}

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-test-'))
  folders.push(folder)
  return folder
}

describe('a database in Node', () => {
  it('keeps documents, schema and peer ID in its folder', async () => {
    const options = { storage: 'persistent', path: await aFolder(), p2p: {} } as const
    const first = await aDatabase({ ...options, schema: NOTES })
    const docID = await first.collection('Note').create({ title: 'kept', tags: ['a'] })
    const { id } = await first.p2p.info()
    await first.close()
    const second = await aDatabase(options)
    expect(await second.collection('Note').get(docID)).toMatchObject({ title: 'kept', tags: ['a'] })
    expect((await second.p2p.info()).id).toBe(id)
  })

  it('is the node whose key it is given, and itself again without one', async () => {
    const options = { storage: 'persistent', path: await aFolder() } as const
    const first = await aDatabase({ ...options, p2p: {} })
    const { id: own } = await first.p2p.info()
    await first.close()
    const peerKey = newKeyPair('ed25519').privateKey
    const ids: string[] = []
    for (const given of [peerKey, peerKey.slice(0, 32), undefined]) {
      const db = await aDatabase({ ...options, p2p: given === undefined ? {} : { peerKey: given } })
      ids.push((await db.p2p.info()).id)
      await db.close()
    }
    const [whole, ofSeed, after] = ids
    expect(ofSeed).toBe(whole)
    expect(after).toBe(own)
    expect(whole).not.toBe(own)
  })

  it('has one owner at a time, and tells the second who it is', async () => {
    const options = { storage: 'persistent', path: await aFolder() } as const
    const first = await aDatabase(options)
    await expect(aDatabase(options)).rejects.toMatchObject({ code: 'IN_USE', message: expect.stringContaining(String(process.pid)) })
    await first.close()
    await expect(aDatabase(options)).resolves.toBeDefined()
  })

  it('is closed again when opening fails half-way', async () => {
    const options = { storage: 'persistent', path: await aFolder() } as const
    await expect(aDatabase({ ...options, schema: 'type Note {' })).rejects.toMatchObject({ code: 'INVALID_SCHEMA' })
    await expect(aDatabase({ ...options, schema: NOTES })).resolves.toBeDefined()
  })
})

describe('a database of dialect 1.0', () => {
  it('reads schema and requests in it', async () => {
    const db = await aDatabase({ dialect: '1.0', schema: 'type Note { title: String stars: Int @default(value: 1) }' })
    expect(await db.execute('mutation { add_Note(input: {title: "a"}) { title stars } }')).toEqual({
      data: { add_Note: [{ title: 'a', stars: 1 }] },
    })
  })
})

describe('what is wrong is named, quoted, and put right by the message', () => {
  it.each([
    ['a misspelt option', { storge: 'memory' }, 'INVALID_ARGUMENT', /"storge".*did you mean "storage"/],
    ['a dialect that nobody speaks', { dialect: '2.0' }, 'INVALID_ARGUMENT', /dialect is "2\.0"; it can be "0\.19" or "1\.0"/],
    ['an impossible choice', { durability: 'always' }, 'INVALID_ARGUMENT', /"always".*"relaxed" or "strict"/],
    ['what is no function', { embed: 'ollama' }, 'INVALID_ARGUMENT', /embed is "ollama"; it takes a function/],
    ['keys of nobody', { embeddingKeys: { opanai: 'x' } }, 'INVALID_ARGUMENT', /embeddingKeys takes an object with the key of a provider/],
    ['a name that is no name', { name: '../x' }, 'INVALID_ARGUMENT', /"\.\.\/x".*letters/],
    ['a misspelt limit', { queryLimits: { resultDocument: 5 } }, 'INVALID_ARGUMENT', /"resultDocument".*did you mean "resultDocuments"/],
    ['an impossible limit', { queryLimits: { resultDocuments: -1 } }, 'INVALID_ARGUMENT', /resultDocuments is -1.*from 1/],
    ['limits that are none', { queryLimits: 5 }, 'INVALID_ARGUMENT', /queryLimits is 5.*resultDocuments: 10000/],
    ['a schema that does not parse', { schema: 'type Note { title: }' }, 'INVALID_SCHEMA', /line 1|1:/],
    ['an unknown type', { schema: 'type Note { title: Strin }' }, 'INVALID_SCHEMA', /Strin.*String/],
    ['a relay address that is none', { p2p: { relays: ['localhost:9190'] } }, 'INVALID_ADDRESS', /"localhost:9190"/],
    ['collections to subscribe to that are no list', { p2p: { subscribe: 'Note' } }, 'INVALID_ARGUMENT', /"Note"; give a list/],
    ['an unknown collection to subscribe to', { p2p: { subscribe: ['Nope'] } }, 'NOT_FOUND', /collection not found: "Nope"/],
    ['intervals that are no times', { p2p: { replicatorRetryIntervals: [-1] } }, 'INVALID_ARGUMENT', /\[-1\]; give seconds/],
    [
      'a peer key of a wrong length',
      { p2p: { peerKey: new Uint8Array(5) } },
      'INVALID_ARGUMENT',
      /p2p\.peerKey has 5 bytes; give an Ed25519 private key/,
    ],
    [
      'what no node listens on',
      { p2p: { listen: ['/ip4/127.0.0.1/udp/1/quic-v1'] } },
      'INVALID_ADDRESS',
      /quic-v1" is nothing that a node can listen on/,
    ],
    ['a peer address without its scheme', { p2p: { peers: ['/ip4/1.2.3.4'] } }, 'INVALID_ADDRESS', /"\/ip4\/1\.2\.3\.4"/],
  ])('%s', async (_case, options, code, message) => {
    const { schema } = options as OpenOptions
    const failure: unknown = await aDatabase({ ...options, ...(schema === undefined ? {} : { schema }) } as OpenOptions).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ name: 'DatabaseError', code, message: expect.stringMatching(message) })
  })

  it.each([
    ['an unknown field', { titel: 'x' }, /titel.*did you mean "title"/],
    ['a text where a number belongs', { stars: 'many' }, /stars.*"many"/],
    ['a fraction where an integer belongs', { stars: 1.5 }, /stars.*1\.5/],
    ['a date that is none', { when: 'tomorrow' }, /when.*"tomorrow"/],
    ['a value where a list belongs', { tags: 'a' }, /tags/],
    ['no document at all', 'text', /text|object/],
  ])('a document with %s', async (_case, document, message) => {
    const db = await aDatabase({ schema: NOTES })
    await expect(db.collection<object>('Note').create(document as object)).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: expect.stringMatching(message),
    })
    expect(await Array.fromAsync(db.collection('Note').docIDs())).toEqual([])
  })

  it('a request beyond a limit, in its errors, with the way out', async () => {
    const db = await aDatabase({ schema: NOTES, queryLimits: { selections: 1 } })
    expect(await db.execute('{ Note { title } }')).toEqual({
      data: null,
      errors: [
        {
          message:
            'too many fields are selected: found 2, allowed 1; select fewer fields, or use fewer fragments inside fragments, or open the database with queryLimits: { selections: … }',
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'selections', allowed: 1, found: 2 },
        },
      ],
    })
  })

  it('a request with an unknown field, in its errors', async () => {
    const db = await aDatabase({ schema: NOTES })
    const { data, errors } = await db.execute('{ Note { titel } }')
    expect(data).toBeNull()
    expect(errors?.[0]?.message).toMatch(/"titel".*"title"/)
    expect(errors?.[0]?.locations).toEqual([{ line: 1, column: 10 }])
  })
})
