import { appendFileSync } from 'node:fs'

/** What happened, in the order in which it did. Two runs of one seed have the same. */
export interface Trace {
  note(what: string, ...details: readonly (string | number)[]): void
  /** A number for everything so far. */
  hash(): string
  /** The latest of what was noted. */
  latest(): readonly string[]
}

/** Enough to see what led to a failure. */
const LATEST = 40

/** With `WARREN_TRACE`, everything also goes to the file of that name. */
export function createTrace(now: () => number): Trace {
  const file = process.env['WARREN_TRACE']
  const ring: string[] = []
  let count = 0
  let hash = 0x811c9dc5

  return {
    note: (what, ...details) => {
      const line = `${now().toFixed(3)} ${what} ${details.join(' ')}`
      for (let index = 0; index < line.length; index++) hash = Math.imul(hash ^ line.charCodeAt(index), 0x01000193)
      ring[count % LATEST] = line
      count += 1
      if (file !== undefined) appendFileSync(file, `${line}\n`)
    },
    hash: () => `${count}-${(hash >>> 0).toString(16)}`,
    latest: () => [...ring.slice(count % LATEST), ...ring.slice(0, count % LATEST)],
  }
}

/** A number for some bytes: FNV-1a. */
export function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
