import { describe, expect, it } from 'vitest'

import { aCliNode, run, runJson, type CliNode } from '../cli.testkit.ts'
import { EXIT_CODES } from '../exit-codes.ts'

const SCHEMA = 'type User { name: String  age: Int } type Book { title: String }'

async function create(node: CliNode, documents: unknown): Promise<readonly string[]> {
  const created = await runJson(['client', 'collection', 'create', '--name', 'User', JSON.stringify(documents)], node)
  return (created as { readonly DocIDs: readonly string[] }).DocIDs
}

describe('client collection', () => {
  it('creates one document or many, exactly', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    expect(await create(node, { name: 'Ada' })).toEqual([expect.stringMatching(/^bae-/)])
    expect(await create(node, [{ name: 'Bob' }, { name: 'Cy' }])).toHaveLength(2)
    expect(await create(node, [])).toEqual([])
    const ran = await run('client collection create --name User -', node, { input: ['{"age": ', '9007199254740993}'] })
    const {
      DocIDs: [docID = ''],
    } = JSON.parse(ran.out) as { readonly DocIDs: readonly string[] }
    expect((await run(['client', 'collection', 'get', '--name', 'User', docID], node)).out).toContain('"age": 9007199254740993')
  })

  it.each(['7', '[1]', '{"name": }', '{"nam": "Ada"}'])('refuses %s as a document', async (document) => {
    await using node = await aCliNode({ schema: SCHEMA })
    expect(await run(['client', 'collection', 'create', '--name', 'User', document], node)).toMatchObject({
      code: EXIT_CODES.refused,
      out: '',
    })
  })

  it('gets a document, also a deleted one when asked', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const [docID = ''] = await create(node, { name: 'Ada', age: 36 })
    const get = ['client', 'collection', 'get', '--name', 'User', docID]
    expect(await runJson(get, node)).toEqual({ _docID: docID, name: 'Ada', age: 36 })
    await node.database.collection('User').delete(docID)
    expect(await run(get, node)).toEqual({ code: EXIT_CODES.notFound, out: '', err: `Error: there is no document ${docID}\n` })
    expect(await runJson([...get, '--show-deleted'], node)).toMatchObject({ _docID: docID, name: 'Ada' })
  })

  it('updates by ID, by several IDs and by filter', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const [ada = '', bob = ''] = await create(node, [{ name: 'Ada' }, { name: 'Bob' }])
    const update = ['client', 'collection', 'update', '--name', 'User']
    expect(await runJson([...update, '--docID', ada, '{"age": 1}'], node)).toEqual({ Count: 1, DocIDs: [ada] })
    expect(await runJson([...update, '--docID', `${ada},${bob}`, '--updater', '{"age": 2}'], node)).toMatchObject({ Count: 2 })
    expect(await runJson([...update, '--filter', '{"name": {"_eq": "Bob"}}', '--updater', '{"age": 3}'], node)).toEqual({
      Count: 1,
      DocIDs: [bob],
    })
    expect(await node.database.collection('User').get(ada)).toMatchObject({ age: 2 })
    expect(await node.database.collection('User').get(bob)).toMatchObject({ age: 3 })
  })

  it('says which of several documents is not there', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const [ada = ''] = await create(node, { name: 'Ada' })
    const other = 'bae-619ea0d2-35ba-5e8c-ac4d-2b769937213b'
    for (const line of [['update', '--updater', '{"age": 2}'], ['delete']]) {
      const ran = await run(['client', 'collection', ...line, '--name', 'User', '--docID', ada, '--docID', other], node)
      expect(ran).toMatchObject({ code: EXIT_CODES.notFound, err: `Error: there is no document ${other}\n` })
      expect(JSON.parse(ran.out)).toEqual({ Count: 1, DocIDs: [ada] })
    }
  })

  it('deletes by ID and by filter', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const [ada = '', bob = ''] = await create(node, [{ name: 'Ada' }, { name: 'Bob' }])
    const remove = ['client', 'collection', 'delete', '--name', 'User']
    expect(await runJson([...remove, '--docID', ada], node)).toEqual({ Count: 1, DocIDs: [ada] })
    expect(await run([...remove, '--docID', ada], node)).toMatchObject({ code: EXIT_CODES.notFound })
    expect(await runJson([...remove, '--filter', '{}'], node)).toEqual({ Count: 1, DocIDs: [bob] })
  })

  it.each([['update', '{"age": 1}'], ['delete'], ['delete', '--docID', 'bae-1', '--filter', '{}']])(
    'wants to know which documents: %s',
    async (...line) => {
      await using node = await aCliNode({ schema: SCHEMA })
      expect(await run(['client', 'collection', ...line, '--name', 'User'], node)).toMatchObject({ code: EXIT_CODES.usage })
    },
  )

  it('lists document IDs one to a line', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const docIDs = await create(node, [{ name: 'Ada' }, { name: 'Bob' }])
    const { out } = await run('client collection --name User docIDs', node)
    const lines = out.trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { readonly docID: string }).docID)).toEqual([...docIDs].sort())
  })

  it('finds a collection by the ID of it or of a version', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const [version] = await node.database.collections.describe({ name: 'User' })
    const { collectionId = '', versionId = '' } = version ?? {}
    await create(node, { name: 'Ada' })
    for (const choice of [
      ['--collection-id', collectionId],
      ['--version-id', versionId],
      ['--name', 'User', '--version-id', versionId],
    ]) {
      expect((await run(['client', 'collection', 'docIDs', ...choice], node)).out).toMatch(/^\{"docID":"bae-/)
    }
    expect(await run('client collection docIDs --collection-id bafkrei', node)).toMatchObject({ code: EXIT_CODES.notFound })
    expect(await run('client collection docIDs --name Usr', node)).toMatchObject({ code: EXIT_CODES.notFound })
    expect(await run('client collection docIDs', node)).toMatchObject({ code: EXIT_CODES.usage })
  })

  it('describes the one that is named, or all', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    expect(await runJson('client collection describe', node)).toEqual(
      expect.arrayContaining([expect.objectContaining({ Name: 'Book' }), expect.objectContaining({ Name: 'User' })]),
    )
    expect(await runJson('client collection describe --name User', node)).toMatchObject({ Name: 'User', IsActive: true })
    expect(await run('client collection describe --name Usr', node)).toMatchObject({ code: EXIT_CODES.notFound })
  })

  it('patches the local part of versions', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const [version] = await node.database.collections.describe({ name: 'User' })
    const patch = [{ op: 'replace', path: `/${version?.versionId}/IsActive`, value: false }]
    expect(await runJson(['client', 'collection', 'patch', JSON.stringify(patch)], node)).toMatchObject([{ Name: 'User', IsActive: false }])
    expect(await runJson('client collection describe --name User --get-inactive', node)).toMatchObject({ IsActive: false })
    expect(await run(`client collection docIDs --get-inactive --version-id ${version?.versionId}`, node)).toMatchObject({
      code: EXIT_CODES.usage,
    })
  })
})

describe('client index', () => {
  it('creates, lists and drops indexes', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const index = {
      Name: 'by_name',
      ID: 1,
      Fields: [
        { Name: 'name', Descending: false },
        { Name: 'age', Descending: true },
      ],
      Unique: true,
    }
    expect(await runJson('client index create -c User --fields name:ASC,age:DESC -n by_name -u', node)).toEqual(index)
    expect(await runJson('client index list -c User', node)).toEqual([index])
    expect(await runJson('client index list', node)).toMatchObject({ User: [index] })
    expect(await run('client index drop -c User -n by_name', node)).toEqual({ code: 0, out: '', err: '' })
    expect(await run('client index drop -c User -n by_name', node)).toMatchObject({ code: EXIT_CODES.notFound })
  })

  it('wants fields, each with a direction that exists', async () => {
    expect(await run('client index create -c User', undefined)).toMatchObject({ code: EXIT_CODES.usage })
    const { code, err } = await run('client index create -c User --fields name:UP', undefined)
    expect(code).toBe(EXIT_CODES.usage)
    expect(err).toContain('"name:UP" in --fields is no field')
  })
})

describe('client tx', () => {
  it('runs commands inside a transaction, which is committed or discarded', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const namesIn = async (line: string): Promise<number> => (await run(`${line} client collection --name User docIDs`, node)).out.length
    const { id } = (await runJson('client tx create', node)) as { readonly id: number }
    expect(id).toBe(1)
    await runJson(['client', '--tx', String(id), 'collection', 'create', '--name', 'User', '{"name": "Ada"}'], node)
    expect(await namesIn('')).toBe(0)
    expect((await run(`client collection docIDs --name User --tx ${id}`, node)).out).toContain('bae-')
    expect(await run(`client tx commit ${id}`, node)).toEqual({ code: 0, out: '', err: '' })
    expect(await namesIn('')).toBeGreaterThan(0)
  })

  it('tells of one that is not there, or lost', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const [docID = ''] = await create(node, { name: 'Ada' })
    const { id } = (await runJson('client tx create --concurrent', node)) as { readonly id: number }
    await run(['client', '--tx', String(id), 'collection', 'update', '--name', 'User', '--docID', docID, '{"age": 1}'], node)
    await node.database.collection('User').update(docID, { age: 2 })
    expect(await run(`client tx commit ${id}`, node)).toMatchObject({ code: EXIT_CODES.conflict })
    expect(await run(`client tx discard 99`, node)).toMatchObject({ code: EXIT_CODES.notFound })
  })

  it('can be read-only', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    await runJson('client tx create --read-only', node)
    const { code } = await run(['client', '--tx', '1', 'collection', 'create', '--name', 'User', '{"name": "Ada"}'], node)
    expect(code).not.toBe(0)
    expect(await run('client tx discard 1', node)).toEqual({ code: 0, out: '', err: '' })
  })
})
