import { expect, it } from 'vitest'

import { pairOf } from './candidate-pair.ts'

const CANDIDATES = [
  { id: 'a', type: 'local-candidate', candidateType: 'srflx' },
  { id: 'b', type: 'remote-candidate', candidateType: 'host' },
  { id: 'c', type: 'local-candidate', candidateType: 'host' },
]

it('the pair is the one that the transport names', () => {
  const pairs = [
    { id: 'p', type: 'candidate-pair', localCandidateId: 'c', remoteCandidateId: 'b', nominated: true, state: 'succeeded' },
    { id: 'q', type: 'candidate-pair', localCandidateId: 'a', remoteCandidateId: 'b' },
  ]
  expect(pairOf([...CANDIDATES, ...pairs, { id: 't', type: 'transport', selectedCandidatePairId: 'q' }])).toEqual({
    local: 'srflx',
    remote: 'host',
  })
})

it('or the one that is marked, as in Firefox', () => {
  const pair = { id: 'p', type: 'candidate-pair', localCandidateId: 'c', remoteCandidateId: 'b', selected: true }
  expect(pairOf([...CANDIDATES, pair])).toEqual({ local: 'host', remote: 'host' })
})

it('what is not there as expected is nothing known', () => {
  expect(pairOf([])).toBeUndefined()
  expect(pairOf([undefined, 3, {}, { type: 'transport', selectedCandidatePairId: 'none' }])).toBeUndefined()
})
