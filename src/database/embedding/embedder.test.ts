import { describe, expect, it } from 'vitest'

import { openTestNode, type TestNode } from '../database.testkit.ts'
import type { Embed } from './embed.ts'

const EMBEDDING = '@embedding(fields: ["name"], provider: "test", model: "m")'
const SCHEMA = `type User { name: String vector: [Float32!] @constraints(size: 2) ${EMBEDDING} }`

const aNode = (embed: Embed, timeout?: number): Promise<TestNode> =>
  openTestNode(SCHEMA, { embedding: { embed, ...(timeout === undefined ? {} : { timeout }) } })

/** An answer that never comes, and does not listen to the signal either. */
const never: Embed = () => new Promise(() => {})

describe('a vector that cannot be made', () => {
  it.each<readonly [string, Embed, RegExp]>([
    ['the function fails', () => Promise.reject(new Error('no model')), /the function "embed" failed: no model\. Nothing was written/],
    ['it is empty', async () => [], /the answer has no vector, but \[\]/],
    ['it is nothing', async () => undefined as unknown as number[], /the answer has no vector, but undefined/],
    ['it is a text', async () => 'abc' as unknown as number[], /the answer has no vector, but "abc"/],
    ['a number is not finite', async () => [1, Number.NaN], /element 1 of field "vector".* not NaN/],
    ['a number is none', async () => [1, '2'] as number[], /element 1 of field "vector".* not "2"/],
    ['a number is too large for 32 bits', async () => [1, 1e300], /finite numbers; one of its elements is Infinity/],
    ['it has the wrong length', async () => [1, 2, 3], /array size mismatch/],
    ['it is too long', async () => new Float32Array(65_537), /65537 numbers is longer than the 65536/],
  ])('fails the write: %s', async (_, embed, message) => {
    const { db } = await aNode(embed)
    const details = { collection: 'User', field: 'vector', provider: 'test', model: 'm' }
    await expect(db.collection('User').create({ name: 'John' })).rejects.toMatchObject({
      code: 'EMBEDDING_FAILED',
      message: expect.stringMatching(message),
      details,
    })
    const { data, errors } = await db.execute(
      'mutation { a: create_User(input: {vector: [1, 2]}) { name } b: create_User(input: {name: "x"}) { name } }',
    )
    expect({ data, code: errors?.[0]?.extensions?.code }).toEqual({ data: null, code: 'EMBEDDING_FAILED' })
    expect((await db.execute('{ User { name } }')).data).toEqual({ User: [] })
  })

  it('leaves a transaction as it was before the write', async () => {
    const { db } = await aNode(async ({ text }) => (text === 'bad' ? [] : [1, 2]))
    await db.transaction(async (transaction) => {
      const users = transaction.collection('User')
      await users.create({ name: 'good' })
      await expect(users.create([{ name: 'other' }, { name: 'bad' }])).rejects.toMatchObject({ code: 'EMBEDDING_FAILED' })
    })
    expect((await db.execute('{ User { name } }')).data).toEqual({ User: [{ name: 'good' }] })
  })

  it('is given up when time is up, when the caller gives up, and when the database closes', async () => {
    const { db: impatient } = await aNode(never, 1)
    await expect(impatient.collection('User').create({ name: 'a' })).rejects.toMatchObject({
      code: 'EMBEDDING_FAILED',
      message: expect.stringContaining('there was no answer within 1 ms'),
    })
    const giveUp = new AbortController()
    const signals: AbortSignal[] = []
    const { db } = await aNode((request) => {
      signals.push(request.signal)
      giveUp.abort()
      return never(request)
    })
    await expect(db.collection('User').create({ name: 'a' }, { signal: giveUp.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])

    const waiting = db.collection('User').create({ name: 'b' })
    const refused = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
    await db.close()
    await refused
  })
})

it('a vector may come as an array of 32-bit floats', async () => {
  const { db } = await aNode(async () => Float32Array.of(0.5, 2))
  const id = await db.collection('User').create({ name: 'John' })
  expect(await db.collection('User').get(id)).toMatchObject({ vector: [0.5, 2] })
})

it('no more than four vectors are made at the same time', async () => {
  let [running, most] = [0, 0]
  const { db } = await aNode(async () => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
    return [1, 2]
  })
  await db.collection('User').create(Array.from({ length: 20 }, (_, index) => ({ name: `n${index}` })))
  expect(most).toBe(4)
})
