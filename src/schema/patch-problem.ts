import { DatabaseError } from '../errors.ts'

/**
 * Why a patch is refused, in the words that DefraDB 0.19 has for it, since these are what people search for: `duplicate field. Name: email`. Details come in the
 * order in which they are given.
 */
export function patchFault(reason: string, details: Readonly<Record<string, string | number>> = {}): string {
  const named = Object.entries(details).map(([name, value]) => `${name}: ${value}`)
  return named.length === 0 ? reason : `${reason}. ${named.join(', ')}`
}

/** The error of a refused patch: every fault on a line of its own. */
export function patchProblem(faults: readonly string[], options: { readonly cause?: unknown } = {}): DatabaseError<'INVALID_SCHEMA'> {
  return new DatabaseError('INVALID_SCHEMA', faults.join('\n'), {}, options)
}
