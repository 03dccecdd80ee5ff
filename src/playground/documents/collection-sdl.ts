import type { CollectionVersion } from '../../index.browser.ts'
import { valueFields } from './cell-kinds.ts'

/** SDL that makes the same collection on another node: what its ID is made of, and nothing else. */
export function collectionSdl({ name, fields }: CollectionVersion): string {
  const lines = valueFields(fields).map(({ name, kind, crdt }) => `  ${name}: ${kind.name}${crdt === 'lww' ? '' : ` @crdt(type: ${crdt})`}`)
  return `type ${name} {\n${lines.join('\n')}\n}`
}
