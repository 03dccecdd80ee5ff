import type { CollectionVersion } from '../../index.browser.ts'
import { valueFields } from './cell-kinds.ts'

/**
 * SDL that makes the same collection on another node: what its ID is made of, and nothing else. Undefined for a collection with relations: the ID of one
 * depends on how its text was written, which its description does not tell.
 */
export function collectionSdl({ name, fields }: CollectionVersion): string | undefined {
  if (fields.some(({ kind }) => kind.type === 'relation')) return undefined
  const lines = valueFields(fields).map(({ name, kind, crdt }) => `  ${name}: ${kind.name}${crdt === 'lww' ? '' : ` @crdt(type: ${crdt})`}`)
  return `type ${name} {\n${lines.join('\n')}\n}`
}
