import type { Database } from '../database/database.ts'
import { jsonText } from '../document/json-text.ts'
import { bytesToHex } from '../util/bytes.ts'
import type { Terminal } from './terminal.ts'

/** Prints each key of the storage with its value, in hex, one to a line. */
export async function printDump(database: Pick<Database, 'dump'>, terminal: Pick<Terminal, 'out'>, signal: AbortSignal): Promise<void> {
  for await (const { kind, key, value } of database.dump({ signal })) {
    await terminal.out(`${jsonText({ kind, key: bytesToHex(key), value: bytesToHex(value) })}\n`)
  }
}
