import type { Cid } from '../block/cid.ts'
import type { DocumentStatus } from '../block/block.ts'

/**
 * The materialised state of one document: everything a read or the next write needs, in one stored record. Blocks are history; no query of the present
 * opens one.
 */
export interface DocumentRecord {
  readonly status: DocumentStatus
  /**
   * `sealed`: a composite is for those who have a key that is not here; to all but the network there is no such document. `opened`: some blocks are encrypted, and the
   * document can be shown. Absent where nothing is encrypted.
   */
  readonly secrecy?: Secrecy
  /** The version of the highest composite; of the one with the last CID where several are as high. So it does not depend on the order of arrival. */
  readonly schemaVersionId: string
  /** Heads of the composite DAG, sorted by the text of their CIDs. */
  readonly heads: readonly Head[]
  /** State of every field that has ever had a block, by name. */
  readonly fields: ReadonlyMap<string, FieldRecord>
}

export type Secrecy = 'sealed' | 'opened'

export interface Head {
  readonly cid: Cid
  readonly height: number
}

export interface FieldRecord {
  /** Canonical CBOR of the current value (`f6` for null). */
  readonly data: Uint8Array
  /** Priority of the block that set the value. */
  readonly priority: number
  /** Heads of the field's DAG, sorted by the text of their CIDs. */
  readonly heads: readonly Head[]
}
