import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { DocumentRecord } from '../../document/record.ts'
import type { OrderKey } from '../nodes/node.ts'
import { createOrderedRows, type OrderedRow } from './ordered-rows.ts'

const RECORD: DocumentRecord = { status: 1, schemaVersionId: '', heads: [], fields: new Map() }
const key = (isDescending: boolean): OrderKey => ({
  isDescending,
  read: () => [],
  compare: (a, b) => Number(a) - Number(b),
})

function aRow(docId: string, ...keys: readonly number[]): OrderedRow<never> {
  return { row: { docId, record: RECORD }, keys, cell: undefined }
}

const names = fc.constantFrom(...Array.from({ length: 60 }, (_, index) => `d${index}`))
const rows = fc.uniqueArray(fc.tuple(names, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
  selector: ([docId]) => docId,
  maxLength: 60,
})
const changes = fc.record({ rows, gone: fc.array(names, { maxLength: 8 }) })

describe('ordered rows', () => {
  it('are in the order that sorting all of them makes, after any changes', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 8 }), (steps) => {
        const kept = createOrderedRows<never>([key(false), key(true)])
        const plain = new Map<string, readonly [number, number]>()
        for (const { rows: given, gone } of steps) {
          const goes = gone.filter((docId) => given.every(([other]) => other !== docId))
          kept.change(
            given.map(([docId, a, b]) => aRow(docId, a, b)),
            goes,
          )
          for (const docId of goes) plain.delete(docId)
          for (const [docId, a, b] of given) plain.set(docId, [a, b])
          const sorted = [...plain].toSorted(([x, [a, b]], [y, [c, d]]) => a - c || d - b || (x < y ? -1 : 1)).map(([docId]) => docId)
          expect(kept.slice(0).map(({ row }) => row.docId)).toEqual(sorted)
          expect(kept.slice(1, 3).map(({ row }) => row.docId)).toEqual(sorted.slice(1, 3))
          expect(kept.size).toBe(sorted.length)
        }
      }),
    )
  })

  it('compare a change with a few of many, not with all', () => {
    let compared = 0
    const counting: OrderKey = {
      ...key(false),
      compare: (a, b) => {
        compared += 1
        return Number(a) - Number(b)
      },
    }
    const kept = createOrderedRows<never>([counting])
    kept.change(
      Array.from({ length: 10_000 }, (_, index) => aRow(`d${index}`, index)),
      [],
    )
    compared = 0
    kept.change([aRow('d17', 5000.5)], ['d18'])
    expect(compared).toBeLessThan(50)
    expect(kept.slice(4998, 5001).map(({ row }) => row.docId)).toEqual(['d5000', 'd17', 'd5001'])
  })

  it('compare pages of rows that come in order with their neighbours only', () => {
    let compared = 0
    const counting: OrderKey = { ...key(false), compare: (a, b) => ((compared += 1), Number(a) - Number(b)) }
    const kept = createOrderedRows<never>([counting])
    for (let page = 0; page < 100; page++) {
      const numbers = Array.from({ length: 100 }, (_, index) => page * 100 + index)
      kept.change(
        numbers.map((number) => aRow(`d${number}`, number)),
        [],
      )
    }
    expect(compared).toBeLessThan(10_000)
    expect(kept.slice(0).map(({ keys }) => keys[0])).toEqual(Array.from({ length: 10_000 }, (_, number) => number))
  })
})
