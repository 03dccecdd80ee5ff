import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { aCliNode, run, runJson } from '../cli.testkit.ts'
import { EXIT_CODES } from '../exit-codes.ts'

const PATCH = '[{"op": "add", "path": "/User/Fields/-", "value": {"Name": "email", "Kind": "String"}}]'

describe('client schema add', () => {
  it('prints the collections in the form of DefraDB', async () => {
    await using node = await aCliNode()
    const added = await runJson(['client', 'schema', 'add', 'type User { name: String  books: [Book] } type Book { author: User }'], node)
    expect(added).toHaveLength(2)
    const author = expect.objectContaining({ Name: 'author', Kind: { Array: false, Root: expect.any(String) }, RelationName: 'book_user' })
    const fields = expect.arrayContaining([author])
    expect(added).toContainEqual(expect.objectContaining({ Name: 'Book', IsActive: true, Fields: fields, Indexes: [], Sources: [] }))
  })

  it('joins several files, and reads standard input', async () => {
    await using node = await aCliNode()
    const folder = await mkdtemp(join(tmpdir(), 'warren-schema-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'a.graphql'), 'type A { b: [B] }')
    await writeFile(join(folder, 'b.graphql'), 'type B { a: A }')
    await runJson(['client', 'schema', 'add', '-f', join(folder, 'a.graphql'), '-f', join(folder, 'b.graphql')], node)
    await runJson('client schema add -', node, { input: ['type C { n: Int }'] })
    expect((await node.database.collections.describe()).map(({ name }) => name).toSorted()).toEqual(['A', 'B', 'C'])
  })

  it('tells of a mistake', async () => {
    await using node = await aCliNode()
    expect(await run(['client', 'schema', 'add', 'type User { name: Strng }'], node)).toMatchObject({ code: EXIT_CODES.refused, out: '' })
  })
})

describe('client schema describe, patch and set-active', () => {
  it('show, add and activate versions', async () => {
    await using node = await aCliNode({ schema: 'type User { name: String } type Book { title: String }' })
    expect(await runJson('client schema describe', node)).toHaveLength(2)
    expect(await runJson('client schema describe --name User', node)).toMatchObject([{ Name: 'User', Fields: expect.any(Array) }])

    const patched = await runJson(['client', 'schema', 'patch', PATCH], node)
    expect(patched).toMatchObject([{ Name: 'User', IsActive: false }])
    const versionID = (patched as readonly { readonly VersionID: string }[])[0]?.VersionID ?? ''
    expect(await runJson(['client', 'schema', 'describe', '--version', versionID], node)).toMatchObject({ VersionID: versionID })

    expect(await run(['client', 'schema', 'set-active', versionID], node)).toEqual({ code: 0, out: '', err: '' })
    expect((await node.database.collections.describe({ name: 'User' })).map(({ versionId }) => versionId)).toEqual([versionID])
    expect(await run('client schema set-active bafkrei', node)).toMatchObject({ code: EXIT_CODES.notFound })
  })

  it('activate a patch of a file at once', async () => {
    await using node = await aCliNode({ schema: 'type User { name: String }' })
    const folder = await mkdtemp(join(tmpdir(), 'warren-schema-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'patch.json'), PATCH)
    const patched = await runJson(['client', 'schema', 'patch', '--set-active', '-p', join(folder, 'patch.json')], node)
    expect(patched).toContainEqual(expect.objectContaining({ Name: 'User', IsActive: true }))
    await node.database.collection('User').create({ email: 'ada@example.org' })
  })
})
