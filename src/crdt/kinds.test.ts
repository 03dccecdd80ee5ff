import { describe, expect, it } from 'vitest'

import { crdtRule, CRDT_NUMBERS } from './kinds.ts'

describe('the table of CRDT types', () => {
  it('has the numbers that stand in the hash of every schema', () => {
    expect(CRDT_NUMBERS).toEqual({ none: 0, lww: 1, pncounter: 4, pcounter: 5 })
  })

  it('gives every type the rule for its blocks', () => {
    expect(crdtRule('none').deltaKind).toBe('lww')
    expect(crdtRule('lww').deltaKind).toBe('lww')
    expect(crdtRule('pncounter').deltaKind).toBe('counter')
    expect(crdtRule('pcounter').deltaKind).toBe('counter')
  })
})
