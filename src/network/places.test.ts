import fc from 'fast-check'
import { expect, test } from 'vitest'

import { withoutPlace, type PlaceHolder } from './places.ts'

function aHolder(changes: Partial<PlaceHolder> = {}): PlaceHolder {
  return { peer: 'bob', isKept: false, shared: 1, isDirect: true, neighbours: 3, since: 1000, ...changes }
}

test.each([
  ['shares less', { shared: 0 }],
  ['is connected through a relay', { isDirect: false }],
  ['has more others', { neighbours: 4 }],
  ['came later', { since: 1001 }],
])('who %s goes first', (_, changes) => {
  const worse = aHolder({ peer: 'worse', ...changes })
  expect(withoutPlace([aHolder(), worse], 1)).toEqual(['worse'])
  expect(withoutPlace([worse, aHolder()], 1)).toEqual(['worse'])
  expect(withoutPlace([worse, aHolder()], 2)).toEqual([])
})

test('what counts more decides', () => {
  const holders = [
    aHolder({ peer: 'told', isKept: true, shared: 0, isDirect: false, neighbours: 9 }),
    aHolder({ peer: 'shares', shared: 3, isDirect: false, neighbours: 9 }),
    aHolder({ peer: 'direct', shared: 2, neighbours: 9 }),
    aHolder({ peer: 'relayed', shared: 2, isDirect: false, neighbours: 0 }),
  ]
  expect(withoutPlace(holders, 0)).toEqual(['relayed', 'direct', 'shares'])
})

test('no more go than have to, and none that is kept', () => {
  const holder = fc.record({
    peer: fc.uuid(),
    isKept: fc.boolean(),
    shared: fc.nat(5),
    isDirect: fc.boolean(),
    neighbours: fc.nat(9),
    since: fc.nat(99),
  })
  fc.assert(
    fc.property(fc.uniqueArray(holder, { selector: ({ peer }) => peer }), fc.nat(9), (holders, places) => {
      const gone = withoutPlace(holders, places)
      const kept = holders.filter(({ isKept }) => isKept)
      expect(gone.length).toBe(Math.min(Math.max(0, holders.length - places), holders.length - kept.length))
      expect(kept.some(({ peer }) => gone.includes(peer))).toBe(false)
    }),
  )
})
