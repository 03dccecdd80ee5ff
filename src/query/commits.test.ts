import { describe, expect, it } from 'vitest'

import { queryTest, type QueryTest } from './source.testkit.ts'

type Entry = Readonly<Record<string, unknown>>

async function history(): Promise<QueryTest & { readonly id: string }> {
  const test = queryTest('type Users { name: String age: Int points: Int @crdt(type: pcounter) } type Log @branchable { line: String }')
  const [id = ''] = await test.create('Users', { name: 'John', age: 21, points: 10 })
  await test.data('mutation { update_Users(input: {age: 22}) { name } }')
  await test.data('mutation { update_Users(input: {age: 23, points: 5}) { name } }')
  return { ...test, id }
}

const list = (data: Readonly<Record<string, unknown>>, key = 'commits'): readonly Entry[] => (data[key] ?? []) as readonly Entry[]

describe('commits', () => {
  it('list each field from its newest change back, and the document as a whole last', async () => {
    const test = await history()
    const entries = list(await test.data('{ commits { fieldName height docID } }'))
    expect(entries.map(({ fieldName, height }) => `${String(fieldName)} ${String(height)}`)).toEqual([
      'age 3',
      'age 2',
      'age 1',
      'name 1',
      'points 2',
      'points 1',
      '_C 3',
      '_C 2',
      '_C 1',
    ])
    expect(new Set(entries.map(({ docID }) => docID))).toEqual(new Set([test.id]))
  })

  it('show the change, the version of the schema, and what they build on and contain', async () => {
    const test = await history()
    const [age] = list(
      await test.data(
        '{ commits(fieldName: "age", limit: 1) { delta schemaVersionId links { cid name } signature { value } __typename } }',
      ),
    )
    expect(age).toMatchObject({
      delta: 'Fw==',
      schemaVersionId: test.collection('Users').versionId,
      links: [{ name: '_head' }],
      signature: null,
      __typename: 'Commit',
    })
    const [whole] = list(await test.data('{ commits(fieldName: "_C", limit: 1) { delta links { name } _count(field: links) } }'))
    expect(whole).toMatchObject({ delta: null, _count: 3 })
    expect(
      list(whole ?? {}, 'links')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['_head', 'age', 'points'])
  })

  it('of one document or field are asked by docID and fieldName', async () => {
    const test = await history()
    await test.create('Users', { name: 'Other' })
    expect(list(await test.data(`{ commits(docID: "${test.id}", fieldName: "name") { cid } }`))).toHaveLength(1)
    expect(list(await test.data('{ commits(fieldName: "name") { cid } }'))).toHaveLength(2)
    expect(list(await test.data('{ commits(docID: "bae-not-here") { cid } }'))).toEqual([])
    expect(list(await test.data('{ commits(docID: null, fieldName: null, limit: null) { cid } }'))).toHaveLength(11)
  })

  it('go back as far as depth says', async () => {
    const test = await history()
    expect(list(await test.data('{ commits(depth: 2, fieldName: "age") { height } }'))).toEqual([{ height: 3 }, { height: 2 }])
    expect((await test.run('{ commits(depth: 0) { cid } }')).errors?.[0]?.message).toMatch('"depth" counts commits in a row from 1')
  })

  it('are found by CID: that one alone, or what it builds on with depth', async () => {
    const test = await history()
    const all = list(await test.data('{ commits { cid fieldName height } }'))
    const middle = all.find(({ fieldName, height }) => fieldName === '_C' && height === 2)
    const oldest = all.find(({ fieldName, height }) => fieldName === 'age' && height === 1)
    expect(list(await test.data(`{ commits(cid: "${String(middle?.['cid'])}") { height fieldName } }`))).toEqual([
      { height: 2, fieldName: '_C' },
    ])
    expect(list(await test.data(`{ commits(cid: "${String(middle?.['cid'])}", depth: 9) { height } }`))).toEqual([
      { height: 2 },
      { height: 1 },
    ])
    expect(list(await test.data(`{ commits(cid: "${String(oldest?.['cid'])}") { fieldName } }`))).toEqual([{ fieldName: 'age' }])
    expect(list(await test.data(`{ commits(cid: "${String(oldest?.['cid'])}", fieldName: "age") { height } }`))).toEqual([{ height: 1 }])
    expect(list(await test.data(`{ commits(cid: "${String(oldest?.['cid'])}", fieldName: "_C") { height } }`))).toEqual([])
  })

  it('order, group and count', async () => {
    const test = await history()
    const cids = list(await test.data('{ commits(order: {cid: ASC}) { cid } }')).map(({ cid }) => cid)
    expect(cids).toEqual(cids.toSorted())
    expect(list(await test.data('{ commits(order: [{height: DESC}, {cid: DESC}], offset: 1, limit: 1) { height } }'))).toEqual([
      { height: 3 },
    ])
    expect(
      list(
        await test.data(
          '{ commits(groupBy: [height], order: {height: ASC}) { height _group(order: {cid: DESC}, limit: 1) { fieldName } } }',
        ),
      ),
    ).toHaveLength(3)
    expect(list(await test.data('{ commits(groupBy: [fieldName]) { fieldName } }')).map(({ fieldName }) => fieldName)).toEqual([
      'age',
      'name',
      'points',
      '_C',
    ])
    expect((await test.run('{ commits(groupBy: [height]) { cid } }')).errors?.[0]?.message).toMatch(
      'cannot select a non-group-by field at group-level. Field: cid',
    )
    expect((await test.run('{ commits { _group { cid } } }')).errors?.[0]?.message).toMatch(
      '_group may only be referenced when within a groupBy request; give "commits" the argument groupBy',
    )
    expect((await test.run('{ Users { _version { _group { cid } } } }')).errors?.[0]?.message).toMatch(
      '_group may only be referenced when within a groupBy request; ask for "commits" with the argument groupBy',
    )
  })

  it('of a branchable collection come first, without document or field', async () => {
    const test = queryTest('type Log @branchable { line: String }')
    await test.create('Log', { line: 'a' }, { line: 'b' })
    const entries = list(await test.data('{ commits { docID fieldName height delta links { name } } }'))
    expect(entries.slice(0, 2)).toEqual([
      { docID: null, fieldName: null, height: 2, delta: null, links: [{ name: '_head' }, { name: null }] },
      { docID: null, fieldName: null, height: 1, delta: null, links: [{ name: null }] },
    ])
    expect(entries).toHaveLength(6)
    expect(list(await test.data('{ commits(fieldName: "_C") { cid } }'))).toHaveLength(2)
  })

  it('of deleted documents are still there', async () => {
    const test = await history()
    await test.data('mutation { delete_Users { name } }')
    expect(list(await test.data('{ commits(fieldName: "_C") { height } }'))[0]).toEqual({ height: 4 })
  })

  it('that are not there, or no CID at all, are errors', async () => {
    const test = await history()
    const messageOf = async (cid: string): Promise<string | undefined> =>
      (await test.run(`{ commits(cid: "${cid}") { cid } }`)).errors?.[0]?.message
    expect(await messageOf('any text')).toMatch('invalid cid: selected encoding not supported')
    expect(await messageOf('bafybeidfhbnj')).toMatch('invalid cid: "bafybeidfhbnj" is no CID')
    expect(await messageOf('bafyreib7afkd5hepl45wdtwwpai433bhnbd3ps5m2rv3masctda7b6mmxe')).toMatch(
      'missing cid: there is no commit "bafyreib7',
    )
    expect(await messageOf('bafybeid57gpbwi4i6bg7g35hhhhhhhhhhhhhhhhhhhhhhhdoesnotexist')).toMatch('missing cid')
  })
})

describe('latestCommits', () => {
  it('are what a document or a field consists of now', async () => {
    const test = await history()
    const latest = (more: string): Promise<Entry> => test.data(`{ latestCommits(docID: "${test.id}"${more}) { fieldName height } }`)
    expect(await latest('')).toEqual({ latestCommits: [{ fieldName: '_C', height: 3 }] })
    expect(await latest(', fieldName: "points"')).toEqual({ latestCommits: [{ fieldName: 'points', height: 2 }] })
    expect(await latest(', fieldName: "nothing"')).toEqual({ latestCommits: [] })
    expect((await test.run('{ latestCommits { cid } }')).errors?.[0]?.message).toMatch(
      'Field "latestCommits" argument "docID" of type "ID!" is required but not provided.',
    )
  })
})

describe('documents at a commit', () => {
  it('are as they were then, counters as well', async () => {
    const test = await history()
    const cids = list(await test.data('{ commits(fieldName: "_C", order: {height: ASC}) { cid } }')).map(({ cid }) => String(cid))
    const at = (cid: string | undefined, more = ''): Promise<Entry> =>
      test.data(`{ Users(cid: "${cid}"${more}) { name age points _version { height } } }`)
    expect(await at(cids[0])).toEqual({ Users: [{ name: 'John', age: 21, points: 10, _version: [{ height: 1 }] }] })
    expect(await at(cids[1])).toEqual({ Users: [{ name: 'John', age: 22, points: 10, _version: [{ height: 2 }] }] })
    expect(await at(cids[2], `, docID: "${test.id}"`)).toEqual({
      Users: [{ name: 'John', age: 23, points: 15, _version: [{ height: 3 }] }],
    })
    expect(await at(cids[0], ', filter: {age: {_gt: 21}}')).toEqual({ Users: [] })
  })

  it('are all documents of a branchable collection at one of its commits', async () => {
    const test = queryTest('type Log @branchable { line: String }')
    const [first] = await test.create('Log', { line: 'a' })
    await test.data(`mutation { update_Log(docID: "${first}", input: {line: "a2"}) { line } }`)
    await test.create('Log', { line: 'b' })
    const cids = list(await test.data('{ commits(order: {height: ASC}) { cid fieldName } }')).flatMap(({ cid, fieldName }) =>
      fieldName === null ? [String(cid)] : [],
    )
    const at = async (cid: string | undefined): Promise<unknown> =>
      (await test.data(`{ Log(cid: "${cid}", order: {line: ASC}) { line } }`))['Log']
    expect(await at(cids[0])).toEqual([{ line: 'a' }])
    expect(await at(cids[1])).toEqual([{ line: 'a2' }])
    expect(await at(cids[2])).toEqual([{ line: 'a2' }, { line: 'b' }])
  })

  it('of a branchable collection can be chosen, filtered, ordered and cut', async () => {
    const test = queryTest('type Log @branchable { line: String n: Int }')
    const ids = await test.create('Log', { line: 'a', n: 1 }, { line: 'b', n: 2 }, { line: 'c', n: 3 })
    await test.data(`mutation { update_Log(docID: "${ids[0]}", input: {n: 9}) { line } }`)
    const cids = list(await test.data('{ commits(order: {height: ASC}) { cid docID } }')).flatMap(({ cid, docID }) =>
      docID === null ? [String(cid)] : [],
    )
    const lines = async (given: string, commit = 2): Promise<unknown> =>
      (await test.data(`{ Log(cid: "${cids[commit]}", ${given}) { line n } }`))['Log']
    expect(await lines('order: {line: DESC}, offset: 1, limit: 1')).toEqual([{ line: 'b', n: 2 }])
    expect(await lines('order: {line: ASC}, filter: {n: {_ne: 2}}')).toEqual([
      { line: 'a', n: 1 },
      { line: 'c', n: 3 },
    ])
    expect(await lines(`docID: "${ids[0]}"`)).toEqual([{ line: 'a', n: 1 }])
    expect(await lines(`docID: "${ids[0]}"`, 3)).toEqual([{ line: 'a', n: 9 }])
    expect(await lines(`docID: ["${ids[0]}", "${ids[2]}"], order: {n: ASC}`, 3)).toEqual([
      { line: 'c', n: 3 },
      { line: 'a', n: 9 },
    ])
    expect(await lines(`docID: "${ids[2]}"`, 1)).toEqual([])
  })

  it('are without those that were deleted then, unless these are asked for', async () => {
    const test = queryTest('type Log @branchable { line: String }')
    const [id] = await test.create('Log', { line: 'a' })
    await test.create('Log', { line: 'b' })
    await test.data(`mutation { delete_Log(docID: "${id}") { line } }`)
    const all = list(await test.data('{ commits(order: {height: DESC}) { cid docID fieldName height } }'))
    const last = all.find(({ docID }) => docID === null)?.['cid']
    const deletion = all.find(({ docID, fieldName }) => docID === id && fieldName === '_C')?.['cid']
    const at = async (cid: unknown, more = ''): Promise<unknown> =>
      (await test.data(`{ Log(cid: "${String(cid)}"${more}, order: {line: ASC}) { line _deleted } }`))['Log']
    expect(await at(last)).toEqual([{ line: 'b', _deleted: false }])
    expect(await at(last, ', showDeleted: true')).toEqual([
      { line: 'a', _deleted: true },
      { line: 'b', _deleted: false },
    ])
    expect(await at(deletion)).toEqual([])
    expect(await at(deletion, ', showDeleted: true')).toEqual([{ line: 'a', _deleted: true }])
  })

  it('need a commit that is here', async () => {
    const test = await history()
    expect((await test.run('{ Users(cid: "nonsense") { name } }')).errors?.[0]?.message).toMatch(
      'invalid cid: selected encoding not supported',
    )
    const field = list(await test.data('{ commits(fieldName: "age", limit: 1) { cid } }'))[0]?.['cid']
    expect((await test.run(`{ Users(cid: "${String(field)}") { name } }`)).errors?.[0]?.message).toMatch('missing cid')
  })
})
