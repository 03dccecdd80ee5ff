/** Primary result codes, https://sqlite.org/rescode.html */
export const SQLITE_BUSY = 5
export const SQLITE_FULL = 13

/** The primary result code of an error that `node:sqlite` threw, `undefined` for any other. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}
