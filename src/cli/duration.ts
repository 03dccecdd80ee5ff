import { quote } from '../util/quote.ts'
import { UsageError } from './usage-error.ts'

const MILLISECONDS_BY_UNIT: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Milliseconds of a duration as Go writes it: `500ms`, `5s`, `1m30s`. @throws UsageError */
export function parseDuration(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new UsageError(`${option} is ${quote(text)}; it is a duration such as 500ms, 5s or 1m30s`)
  }
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (MILLISECONDS_BY_UNIT.get(unit) ?? 0), 0)
}
