import { describe, expect, it } from 'vitest'

import { countedPacing } from './pacer.testkit.ts'
import { createPacer, forEachPaced, mapPaced, WORTH_A_LOOK, type Pacing } from './pacer.ts'

const rows = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

describe('a pacer', () => {
  it('looks at the clock once in some rows, and rests when the slice is used up', async () => {
    let looks = 0
    let rests = 0
    // A millisecond passes between two looks.
    const pacing: Pacing = {
      now: () => looks++,
      nextTask: async () => {
        rests++
      },
    }
    await forEachPaced(rows(WORTH_A_LOOK * 100), createPacer(undefined, pacing), () => {})
    expect(rests).toBeGreaterThan(100 / 15)
    expect(rests).toBeLessThan(100 / 10)
    // One at its beginning, one for each look, one after each rest.
    expect(looks).toBe(1 + 100 + rests)
  })

  it('looks at once for work that is worth it', () => {
    const pacer = countedPacing().pacer()
    expect(pacer.isDue()).toBe(false)
    expect(pacer.isDue(WORTH_A_LOOK)).toBe(true)
    expect(pacer.isDue()).toBe(false)
  })

  it('ends the work with what its check throws, at the next look and after a rest', async () => {
    let ended = false
    let done = 0
    const pacing = countedPacing(() => (ended = true))
    const pacer = pacing.pacer(() => {
      if (ended) throw new Error('over')
    })
    const work = forEachPaced(rows(1_000), pacer, () => done++)
    await expect(work).rejects.toThrow('over')
    expect(done).toBeLessThan(WORTH_A_LOOK)
    expect(() => rows(WORTH_A_LOOK).some(() => pacer.isDue())).toThrow('over')
  })

  it('maps in order', async () => {
    const pacing = countedPacing()
    expect(await mapPaced(rows(100), pacing.pacer(), (item, index) => item * 2 - index)).toEqual(rows(100))
    expect(pacing.rests).toBe(Math.floor(100 / WORTH_A_LOOK))
  })

  it('lets what waits already run before it goes on', async () => {
    const order: string[] = []
    const waiting = new Promise<void>((resolve) => {
      setImmediate(() => {
        order.push('waited')
        resolve()
      })
    })
    await createPacer().rest()
    order.push('rested')
    await waiting
    expect(order).toEqual(['waited', 'rested'])
  })
})
