import type { RequestField } from '../request/request-field.ts'

/**
 * Whether a limit or offset without an order stands anywhere in a field. What is left then depends on how the documents are read, such as by which index, so a run over
 * documents that are kept can leave others.
 */
export function hasLooseBounds({ arguments: given, fields }: RequestField): boolean {
  const { filter: _, ...others } = given
  return isLoose(given) || Object.values(others).some(isLoose) || fields.some(hasLooseBounds)
}

/** The arguments of a list, or those of what an aggregate takes. */
function isLoose(bounds: unknown): boolean {
  if (typeof bounds !== 'object' || bounds === null) return false
  const { limit, offset, order }: { readonly limit?: unknown; readonly offset?: unknown; readonly order?: unknown } = bounds
  const isOrdered = order !== undefined && order !== null && !(Array.isArray(order) && order.length === 0)
  return !isOrdered && ((limit !== undefined && limit !== null) || (typeof offset === 'number' && offset > 0))
}
