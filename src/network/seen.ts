import { BUCKETS, FAN_OUT, PRINT_BYTES, printAt } from '../database/fingerprints.ts'
import { equalBytes } from '../util/bytes.ts'
import type { Seen, SeenLevel } from './reconcile.ts'

const PRINTS: Readonly<Record<SeenLevel, number>> = { bucket: BUCKETS, part: BUCKETS * FAN_OUT }

/** 4 KiB once something was settled, 64 more when it was about parts of buckets. */
export function createSeen(): Seen {
  const settled = new Map<SeenLevel, Uint8Array>()
  let noted: { readonly level: SeenLevel; readonly index: number; readonly print: Uint8Array }[] = []
  return {
    has: (level, index, print) => {
      const prints = settled.get(level)
      return prints !== undefined && equalBytes(printAt(prints, index), print)
    },
    note: (level, index, print) => noted.push({ level, index, print }),
    settle: () => {
      for (const { level, index, print } of noted) {
        const prints = settled.get(level) ?? new Uint8Array(PRINTS[level] * PRINT_BYTES)
        prints.set(print, index * PRINT_BYTES)
        settled.set(level, prints)
      }
      noted = []
    },
    dismiss: () => {
      noted = []
    },
  }
}
