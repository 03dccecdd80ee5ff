import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../../errors.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { knownValueKind } from '../../schema/kinds.ts'
import { compileValueCondition } from '../filter/value-condition.ts'
import { LIST_OPERATORS, OPERATORS } from './operators.ts'

const passes = (kind: string, condition: unknown, value: DocumentValue): boolean =>
  compileValueCondition(knownValueKind(kind), condition, { collection: 'Test', field: 'x' })(value)

const failureOf = (kind: string, condition: unknown): string => {
  try {
    passes(kind, condition, null)
  } catch (error) {
    if (isFailure(error, 'INVALID_REQUEST')) return error.message
    throw error
  }
  throw new Error('the condition was accepted')
}

describe('the tables', () => {
  it('name each operator once', () => {
    const names = [...OPERATORS, ...LIST_OPERATORS].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.toSorted()).toEqual(
      ['_all', '_any', '_eq', '_ge', '_gt', '_ilike', '_in', '_le', '_like', '_lt', '_ne', '_nilike', '_nin', '_nlike', '_none'].toSorted(),
    )
  })
})

describe('comparisons', () => {
  it('order times by their moment, whatever their offset', () => {
    expect(passes('DateTime', { _eq: '2026-01-01T00:00:00Z' }, '2026-01-01T01:00:00+01:00')).toBe(true)
    expect(passes('DateTime', { _gt: '2026-01-01T00:00:00Z' }, '2025-12-31T23:30:00-01:00')).toBe(true)
  })

  it('compare a 32-bit float with the operand rounded as the value was', () => {
    expect(passes('Float32', { _eq: 0.1 }, Math.fround(0.1))).toBe(true)
    expect(passes('Float64', { _eq: 0.1 }, Math.fround(0.1))).toBe(false)
  })

  it('are exact for whole numbers beyond 2^53', () => {
    expect(passes('Int', { _gt: 9007199254740992n }, 9007199254740993n)).toBe(true)
    expect(passes('Int', { _in: [9007199254740993n] }, 9007199254740993n)).toBe(true)
  })

  it('put null before every value and let it be neither more nor less', () => {
    expect(passes('Int', { _gt: null }, 0)).toBe(true)
    expect(passes('Int', { _ge: null }, null)).toBe(true)
    expect(passes('Int', { _lt: null }, null)).toBe(false)
    expect(passes('Int', { _le: null }, null)).toBe(true)
    for (const operator of ['_gt', '_ge', '_lt', '_le']) expect(passes('Int', { [operator]: 0 }, null)).toBe(false)
  })

  it('all have to pass within one condition', () => {
    expect(passes('Int', { _gt: 1, _lt: 3 }, 2)).toBe(true)
    expect(passes('Int', { _gt: 1, _lt: 3 }, 3)).toBe(false)
    expect(passes('Int', {}, null)).toBe(true)
  })
})

describe('patterns', () => {
  it.each([
    ['%b%', 'abc', true],
    ['a%', 'abc', true],
    ['%c', 'abc', true],
    ['a%c', 'abc', true],
    ['a%c', 'ac', true],
    ['a%a', 'a', false],
    ['%', '', true],
    ['', 'a', false],
    ['ab%bc', 'abc', false],
    ['a%b%c', 'a-b-b-c', true],
    ['a%b%c', 'a-c-b', false],
    ['a.c', 'abc', false],
    ['A%', 'abc', false],
    ['(%)', '(x)', true],
  ])('_like %j matches %j: %s', (pattern, text, expected) => {
    expect(passes('String', { _like: pattern }, text)).toBe(expected)
    expect(passes('String', { _nlike: pattern }, text)).toBe(!expected)
  })

  it('match any case with _ilike', () => {
    expect(passes('String', { _ilike: '%NAME%' }, 'The name')).toBe(true)
    expect(passes('String', { _nilike: '%NAME%' }, 'The name')).toBe(false)
  })

  it('match no text where there is none', () => {
    expect(passes('String', { _like: '%' }, null)).toBe(false)
    expect(passes('String', { _nlike: '%' }, null)).toBe(true)
    expect(passes('String', { _like: null }, null)).toBe(true)
  })

  it('also match the digits of a blob', () => {
    expect(passes('Blob', { _like: '00%' }, '00ff')).toBe(true)
  })

  it('match what a regular expression with .* matches', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '%'), maxLength: 8 })
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
        expect(passes('String', { _like: pattern }, text)).toBe(new RegExp(`^${pattern.replaceAll('%', '.*')}$`).test(text))
      }),
    )
  })
})

describe('lists', () => {
  it('ask their elements', () => {
    expect(passes('[Int]', { _any: { _gt: 2 } }, [1, 3])).toBe(true)
    expect(passes('[Int]', { _all: { _ne: null } }, [1, null])).toBe(false)
    expect(passes('[Int]', { _none: { _eq: null } }, [1, null])).toBe(false)
    expect(passes('[String!]', { _any: { _in: ['a'], _ne: null } }, ['a'])).toBe(true)
  })

  it('have no elements where they are null', () => {
    expect(passes('[Int]', { _any: {} }, null)).toBe(false)
    expect(passes('[Int]', { _all: {} }, null)).toBe(false)
    expect(passes('[Int]', { _none: {} }, null)).toBe(true)
    expect(passes('[Int]', { _all: { _eq: 1 } }, [])).toBe(true)
  })

  it('can be asked for being null, not for being equal', () => {
    expect(passes('[Int]', null, null)).toBe(true)
    expect(failureOf('[Int]', { _eq: [1] })).toMatch('([Int]) has no operator "_eq"; it has _any, _all, _none')
  })
})

describe('JSON', () => {
  const tree = { city: 'Bern', rooms: [1, [2, 3], null, 'x'], owner: { age: 40, name: null } }

  it('is asked along its paths', () => {
    expect(passes('JSON', { owner: { age: { _ge: 40 } } }, tree)).toBe(true)
    expect(passes('JSON', { owner: { age: { _gt: 40 } }, city: { _like: 'B%' } }, tree)).toBe(false)
    expect(passes('JSON', { owner: { name: { _eq: null } }, missing: { deep: { _eq: null } } }, tree)).toBe(true)
    expect(passes('JSON', { constructor: { _eq: null } }, tree)).toBe(true)
  })

  it('compares whole trees, whatever the order of members', () => {
    expect(passes('JSON', { _eq: { b: [1, { c: null }], a: 1 } }, { a: 1, b: [1, { c: null }] })).toBe(true)
    expect(passes('JSON', { _ne: { a: [1, 2] } }, { a: [2, 1] })).toBe(true)
    expect(passes('JSON', { _in: [{ a: 1 }, 3] }, 3)).toBe(true)
  })

  it('asks the elements of lists, one level down', () => {
    expect(passes('JSON', { rooms: { _any: { _eq: 1 } } }, tree)).toBe(true)
    expect(passes('JSON', { rooms: { _any: { _eq: 2 } } }, tree)).toBe(false)
    expect(passes('JSON', { rooms: { _any: { _any: { _eq: 2 } } } }, tree)).toBe(true)
  })

  it('has an order for numbers only', () => {
    expect(passes('JSON', { _lt: 3 }, 2)).toBe(true)
    for (const value of ['2', true, null, [2], { a: 2 }]) expect(passes('JSON', { _lt: 3 }, value)).toBe(false)
    expect(failureOf('JSON', { _ge: true })).toMatch(
      'unexpected type. Property: condition, Actual: bool; "_ge" on JSON compares numbers, not true',
    )
    expect(failureOf('JSON', { _ge: [1, 2] })).toMatch('Actual: []interface {}')
    expect(failureOf('JSON', { _ge: 'x' })).toMatch('Actual: string')
  })
})
