import { DatabaseError } from '../src/errors.ts'
import { LIMITS, LONGEST_CIRCUIT_HOURS, type RelayLimits } from './options.ts'

/** All limits: those that are given, and the defaults. @throws INVALID_ARGUMENT for what is no positive number */
export function completeLimits(given: Partial<RelayLimits>): RelayLimits {
  const limits = Object.fromEntries(LIMITS.map(({ limit, fallback }) => [limit, given[limit] ?? fallback])) as unknown as RelayLimits
  for (const { limit, words } of LIMITS) {
    const most = limit === 'circuitHours' ? LONGEST_CIRCUIT_HOURS : Number.MAX_SAFE_INTEGER
    const value = limits[limit]
    if (value > 0 && value <= most) continue
    const advice = `the limit of ${words} is ${value}; give a number above 0${limit === 'circuitHours' ? `, up to ${most}` : ''}`
    throw new DatabaseError('INVALID_ARGUMENT', advice, { argument: `limits.${limit}`, value })
  }
  return limits
}
