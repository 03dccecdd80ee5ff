import { describe, expect, it } from 'vitest'

import { endingIterable, orAborted } from './ending-iterable.ts'

const NEVER = new Promise<never>(() => {})

describe('an iteration that waits', () => {
  it('ends at once when it is left, and frees what it holds', async () => {
    let held = 0
    const iterable = endingIterable(async function* (signal) {
      held += 1
      try {
        yield 1
        while (!signal.aborted) await orAborted(NEVER, signal)
      } finally {
        held -= 1
      }
    })
    const [one, two] = [iterable[Symbol.asyncIterator](), iterable[Symbol.asyncIterator]()]
    expect([await one.next(), await two.next(), held]).toEqual([{ done: false, value: 1 }, { done: false, value: 1 }, 2])
    const waiting = one.next()
    expect(await one.return?.()).toEqual({ done: true, value: undefined })
    expect([await waiting, held]).toEqual([{ done: true, value: undefined }, 1])
    await two.return?.()
    expect(held).toBe(0)
  })

  it('ends when a signal from outside fires', async () => {
    const controller = new AbortController()
    const iterable = endingIterable(
      async function* (signal) {
        yield 'first'
        await orAborted(NEVER, signal)
      },
      [controller.signal],
    )
    const given: string[] = []
    for await (const item of iterable) {
      given.push(item)
      controller.abort()
    }
    expect(given).toEqual(['first'])
  })

  it('does nothing before it is read', async () => {
    let begun = 0
    const iterable = endingIterable(async function* () {
      begun += 1
      yield begun
    })
    await iterable[Symbol.asyncIterator]().return?.()
    expect(begun).toBe(0)
    for await (const item of iterable) expect(item).toBe(1)
  })
})
