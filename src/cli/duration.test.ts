import { describe, expect, it } from 'vitest'

import { parseDuration } from './duration.ts'

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['0s', 0],
  ])('of %s has %i milliseconds', (text, milliseconds) => {
    expect(parseDuration(text, '--timeout')).toBe(milliseconds)
  })

  it.each(['', '5', 's', '5 s', '-5s', '5x'])('is not "%s"', (text) => {
    expect(() => parseDuration(text, '--timeout')).toThrow('--timeout is')
  })
})
