import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { aCliNode, run, runJson } from '../cli.testkit.ts'
import { EXIT_CODES } from '../exit-codes.ts'

const SCHEMA = 'type User { name: String  points: Int }'
const QUERY = '{ User { name } }'

describe('client query', () => {
  it('takes the request as an argument, from a file and from standard input', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    await node.database.collection('User').create({ name: 'Ada' })
    const folder = await mkdtemp(join(tmpdir(), 'warren-query-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'request.graphql')
    await writeFile(file, QUERY)
    const expected = { data: { User: [{ name: 'Ada' }] } }
    expect(await runJson(['client', 'query', QUERY], node)).toEqual(expected)
    expect(await runJson(['client', 'query', '-f', file], node)).toEqual(expected)
    expect(await runJson(['client', 'query', '-'], node, { input: ['{ User ', '{ name } }'] })).toEqual(expected)
  })

  it('wants one request', async () => {
    expect(await run('client query', undefined)).toMatchObject({ code: EXIT_CODES.usage })
    expect(await run(['client', 'query', QUERY, '-f', 'x'], undefined)).toMatchObject({ code: EXIT_CODES.usage })
    expect(await run(['client', 'query', '-f', '/nowhere/x'], undefined)).toMatchObject({ code: EXIT_CODES.notFound })
  })

  it('chooses an operation and gives it variables, whose numbers stay exact', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const request = `mutation Add($points: Int) { create_User(input: {points: $points}) { points } } query Others ${QUERY}`
    const { code, out } = await run(['client', 'query', request, '-o', 'Add', '-v', '{"points": 9007199254740993}'], node)
    expect(code).toBe(0)
    expect(out).toContain('"points": 9007199254740993')
    expect(out).toMatch(/^\{\n {2}"data": \{\n {4}"/)
  })

  it('says where variables are no JSON', async () => {
    const { code, err } = await run(['client', 'query', QUERY, '-v', '{"a": }'], undefined)
    expect(code).toBe(EXIT_CODES.refused)
    expect(err).toMatch(/^Error: the value of --variables is no JSON: .*line 1, column 7/)
  })

  it('prints a result with errors, and fails', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const { code, out, err } = await run(['client', 'query', '{ Usr { name } }'], node)
    expect(code).toBe(EXIT_CODES.refused)
    expect(JSON.parse(out)).toMatchObject({ errors: [{ message: expect.stringContaining('Usr') }] })
    expect(err).toMatch(/^Error: .*Usr.*\n$/)
  })

  it('prints the results of a subscription a line each, until Ctrl-C', async () => {
    await using node = await aCliNode({ schema: SCHEMA })
    const ending = new AbortController()
    const users = node.database.collection('User')
    const arrived: string[] = []
    const ran = run(['client', 'query', 'subscription { User { name } }'], node, {
      signal: ending.signal,
      onOut: (text) => {
        arrived.push(text)
        if (arrived.length === 2) ending.abort()
        else void users.create({ name: 'Bob' })
      },
    })
    // The subscription begins some turns of the event loop after the command; it does not see what was written before.
    for (let number = 0; arrived.length === 0; number++) {
      await users.create({ name: `Ada ${number}` })
      await new Promise(setImmediate)
    }
    const { code, out } = await ran
    expect(code).toBe(EXIT_CODES.ok)
    const lines = out.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ data: { User: [{ name: expect.any(String) }] } })
  })
})
