import type { Wording } from '../dialect/wording.ts'
import type { RequestError, RequestResult } from '../result.ts'
import { toRequestError } from './request-error.ts'

/** What was found, with what failed in the words of the dialect. */
export function makeResult(data: Readonly<Record<string, unknown>>, errors: readonly RequestError[], { text }: Wording): RequestResult {
  return errors.length === 0 ? { data } : { data, errors: errors.map((error) => ({ ...error, message: text(error.message) })) }
}

/** The result of a request that could not be answered at all. */
export function failedResult(...errors: readonly unknown[]): RequestResult {
  return { data: null, errors: errors.map((error) => toRequestError(error)) }
}
