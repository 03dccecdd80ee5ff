import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it, vi } from 'vitest'

import { aMachine } from './machine.testkit.ts'

// Each test starts several processes, on machines that may have others to run.
vi.setConfig({ testTimeout: 120_000 })

const SCHEMA = 'type Books { title: String edition: Int }'
const ALONE = 'warrendb start --no-p2p'

describe('purging', () => {
  it('deletes everything of a node for development, which goes on with the same peer ID', async () => {
    await using machine = await aMachine({ env: { WARREN_KEYRING_SECRET: 's' } })
    await machine.start('warrendb start --development')
    const { database } = machine
    const { id } = await database.p2p.info()
    await database.schema.add(SCHEMA)
    await database.collection('Books').create({ title: 'gone' })
    const reader = database.watch('{ Books { title } }')[Symbol.asyncIterator]()
    expect(await reader.next()).toMatchObject({ done: false })
    expect((await machine.run('warrendb client purge')).code).toBe(2)
    expect(await machine.run('warrendb client purge -f')).toEqual({ code: 0, out: '', err: '' })
    // Whoever watched what is gone is told, one way or another.
    await reader.next().catch(() => {})
    expect(await machine.json('warrendb client schema describe')).toEqual([])
    expect((await database.p2p.info()).id).toBe(id)
    await database.schema.add(SCHEMA)
    await database.collection('Books').create({ title: 'new' })
    expect((await database.execute('{ Books { title } }')).data).toEqual({ Books: [{ title: 'new' }] })
  })

  it('is refused by any other node', async () => {
    await using machine = await aMachine()
    await machine.start(ALONE)
    await machine.database.schema.add(SCHEMA)
    const { code, err } = await machine.run('warrendb client purge -f')
    expect(code).toBe(5)
    expect(err).toMatch(/^Error: .*--development.*\n$/)
    expect(await machine.json('warrendb client schema describe')).toHaveLength(1)
  })
})

describe('dumps', () => {
  it('of a node that runs and of one that does not have everything but secrets', async () => {
    await using machine = await aMachine()
    const node = await machine.start()
    await machine.database.schema.add(SCHEMA)
    await machine.database.collection('Books').create({ title: 'a title to find' })
    const running = await machine.run('warrendb client dump')
    await node.end('SIGTERM')
    const stopped = await machine.run('warrendb server-dump')
    expect([running.code, stopped.code, stopped.err]).toEqual([0, 0, ''])
    for (const { out } of [running, stopped]) {
      const entries = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly kind: string; readonly value: string })
      const kinds = entries.map(({ kind }) => kind)
      expect(kinds).toEqual(expect.arrayContaining(['document', 'setting']))
      expect(kinds).not.toContain('unknown')
      expect(out).toContain(Buffer.from('a title to find').toString('hex'))
      expect(entries.filter(({ kind, value }) => kind === 'setting' && value !== '')).toEqual([])
    }
  })

  it('of a folder without a database make none', async () => {
    await using machine = await aMachine()
    const { code, err } = await machine.run('warrendb server-dump')
    expect(code).toBe(4)
    expect(err).toMatch(/^Error: there is no database in .*\n$/)
    await expect(readFile(join(machine.home, '.warrendb'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('keys', () => {
  it('are made, listed, taken elsewhere, and make the same node there', async () => {
    await using one = await aMachine({ env: { WARREN_KEYRING_SECRET: 'one' } })
    await using two = await aMachine({ env: { WARREN_KEYRING_SECRET: 'two' } })
    expect((await one.run('warrendb keyring generate')).code).toBe(0)
    expect(await one.json('warrendb keyring list')).toEqual(['node-identity-key', 'peer-key'])
    await one.start()
    const before = [await one.database.p2p.info(), await one.json('warrendb client node-identity')] as const
    for (const name of ['peer-key', 'node-identity-key']) {
      const { out } = await one.run(`warrendb keyring export ${name}`)
      expect(out).toMatch(/^[0-9a-f]+\n$/)
      expect(await two.run(`warrendb keyring import ${name} ${out.trim()}`)).toEqual({ code: 0, out: '', err: '' })
    }
    await two.start()
    expect((await two.database.p2p.info()).id).toBe(before[0].id)
    expect(await two.json('warrendb client node-identity')).toEqual(before[1])
  })

  it('are asked for when there is no secret', async () => {
    await using machine = await aMachine()
    const { code, err } = await machine.run('warrendb keyring list')
    expect(code).toBe(2)
    expect(err).toMatch(/^Error: missing keyring secret: set WARREN_KEYRING_SECRET.*\n$/)
  })

  it('of a new identity are of the type that was asked for', async () => {
    await using machine = await aMachine()
    expect(await machine.json('warrendb identity new')).toMatchObject({ KeyType: 'secp256k1', DID: expect.stringMatching(/^did:key:z/) })
    expect(await machine.json('warrendb identity new --type ed25519')).toMatchObject({
      KeyType: 'ed25519',
      DID: expect.stringMatching(/^did:key:z6Mk/),
    })
  })
})

describe('types', () => {
  it('are those of a node, or of files without one', async () => {
    await using machine = await aMachine()
    await writeFile(join(machine.home, 'books.graphql'), SCHEMA)
    const ofFile = await machine.run('warrendb types -f books.graphql')
    expect(ofFile).toMatchObject({ code: 0, err: '', out: expect.stringContaining('export interface Books') })
    await machine.start(ALONE)
    await machine.run('warrendb client schema add -f books.graphql')
    expect(await machine.run('warrendb types -o books.d.ts')).toEqual({ code: 0, out: '', err: '' })
    expect(await readFile(join(machine.home, 'books.d.ts'), 'utf8')).toBe(ofFile.out)
  })
})

describe('a backup', () => {
  it('of one node is imported into another', async () => {
    await using one = await aMachine()
    await using two = await aMachine()
    for (const machine of [one, two]) {
      await machine.start(ALONE)
      await machine.database.schema.add(SCHEMA)
    }
    const titles = Array.from({ length: 500 }, (_, index) => ({ title: `title ${index}`, edition: index }))
    await one.database.collection('Books').create(titles)
    const path = join(one.home, 'backup.json')
    expect(await one.run(`warrendb client backup export -c Books -p ${path}`)).toMatchObject({ code: 0, out: '' })
    expect(await two.run(`warrendb client backup import ${path}`)).toMatchObject({ code: 0 })
    const all = '{ Books(order: {_docID: ASC}) { _docID title edition } }'
    const [here, there] = [await one.database.execute(all), await two.database.execute(all)]
    expect(there).toEqual(here)
    expect(there.data?.['Books']).toHaveLength(500)
    const again = await two.run(`warrendb client backup import ${path}`)
    expect(again.code).toBe(6)
    expect(again.err).toMatch(/^Error: .*\n$/)
  })
})
