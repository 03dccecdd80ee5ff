import { STATUS_DELETED, type DocumentStatus } from '../block/block.ts'

/** Deletion wins, whatever the heights: no merge brings a document back. */
export function mergeStatus(current: DocumentStatus | undefined, incoming: DocumentStatus): DocumentStatus {
  return current === STATUS_DELETED ? STATUS_DELETED : incoming
}
