import { expect, test } from 'vitest'

import { aClock } from '../util/clock.testkit.ts'
import { MAX_OPEN_REQUESTS, REQUEST_TIMEOUT } from './limits.ts'
import { createRequests, type Requests } from './requests.ts'

function askMany(
  requests: Requests<string>,
  count: number,
): { readonly sent: number[]; readonly answers: Promise<PromiseSettledResult<string>[]> } {
  const sent: number[] = []
  const asked = Array.from({ length: count }, () => requests.ask((request) => sent.push(request)))
  return { sent, answers: Promise.allSettled(asked) }
}

test('fewer questions are open at a time than the other side lets wait, and the others follow', async () => {
  const requests = createRequests<string>('question', aClock().clock)
  const { sent, answers } = askMany(requests, 3 * MAX_OPEN_REQUESTS)
  expect(sent.length).toBe(MAX_OPEN_REQUESTS / 2)
  for (let index = 0; index < sent.length; index++) {
    expect(requests.settle(sent[index] ?? 0, `answer ${index}`)).toBe(true)
    expect(sent.length - index).toBeLessThanOrEqual(MAX_OPEN_REQUESTS / 2 + 1)
  }
  expect(await answers).toEqual(
    Array.from({ length: 3 * MAX_OPEN_REQUESTS }, (_, index) => ({ status: 'fulfilled', value: `answer ${index}` })),
  )
})

test('a question that is not answered makes room for another one, and one that cannot be sent does, too', async () => {
  const { clock, pass } = aClock()
  const requests = createRequests<string>('question', clock)
  const { sent, answers } = askMany(requests, MAX_OPEN_REQUESTS)
  pass(REQUEST_TIMEOUT)
  expect(sent.length).toBe(MAX_OPEN_REQUESTS)
  const unsendable = requests.ask(() => {
    throw new Error('too large')
  })
  requests.settle(sent.at(-1) ?? 0, 'yes')
  await expect(unsendable).rejects.toThrow('too large')
  requests.end()
  const codes = (await answers).map((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : answer.value))
  const half = MAX_OPEN_REQUESTS / 2
  expect(codes).toEqual([...Array.from({ length: half }, () => 'TIMEOUT'), ...Array.from({ length: half - 1 }, () => 'CLOSED'), 'yes'])
})

test('at the end also those are told who have not been heard yet', async () => {
  const requests = createRequests<string>('question', aClock().clock)
  const { sent, answers } = askMany(requests, MAX_OPEN_REQUESTS)
  requests.end()
  expect(sent.length).toBe(MAX_OPEN_REQUESTS / 2)
  expect((await answers).every(({ status }) => status === 'rejected')).toBe(true)
  await expect(requests.ask(() => {})).rejects.toMatchObject({ code: 'CLOSED' })
})
