import { expect, test } from 'vitest'

import { createClaims } from './claims.ts'

test('a document is fetched from one peer at a time, and the others learn when that has ended', async () => {
  const claims = createClaims()
  const first = claims.take('Note', ['a', 'b'])
  const second = claims.take('Note', ['b', 'c', 'c'])
  expect([...first.docIds]).toEqual(['a', 'b'])
  expect(first.others).toBeUndefined()
  expect([...second.docIds]).toEqual(['c'])
  let hasEnded = false
  const others = second.others?.then(() => (hasEnded = true))
  await Promise.resolve()
  expect(hasEnded).toBe(false)
  first.release()
  await others
  expect([...claims.take('Note', ['a', 'b', 'c']).docIds]).toEqual(['a', 'b'])
})

test('collections do not disturb each other', () => {
  const claims = createClaims()
  claims.take('Note', ['a'])
  expect([...claims.take('Task', ['a']).docIds]).toEqual(['a'])
})
