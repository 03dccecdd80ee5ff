import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { HELP } from './command-line.ts'
import { METRICS } from './metrics.ts'
import { LIMITS } from './options.ts'
import { REASONS } from './tally.ts'

const guide = readFileSync(new URL('../docs/relay.md', import.meta.url), 'utf8')

test('the guide has every limit with its default, every reason and every metric', () => {
  const missing = [
    ...LIMITS.map(({ option, fallback }) => `\`--${option}\` | ${fallback}`),
    ...Object.keys(REASONS).map((reason) => `\`${reason}\``),
    ...METRICS.map(({ name }) => `\`${name}`),
  ].filter((text) => !guide.includes(text))
  expect(missing).toEqual([])
})

test('the guide names no option that does not exist', () => {
  const named = [...guide.matchAll(/`(--[a-z-]+)/g)].map(([, option = '']) => option).filter((option) => option !== '--network')
  expect(named.filter((option) => !HELP.includes(`${option} `))).toEqual([])
})
