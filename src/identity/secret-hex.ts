import { DatabaseError } from '../errors.ts'
import { hexToBytes } from '../util/bytes.ts'

/** The bytes of a secret that somebody gave in hex, of either case. @throws INVALID_ARGUMENT, which never shows the text */
export function parseSecretHex(text: string, argument: string): Uint8Array {
  // The message of `hexToBytes` has a part of the text.
  if (/^(?:[0-9a-fA-F]{2})+$/.test(text)) return hexToBytes(text)
  const fault = `the ${argument} of ${text.length} characters is not hex: it takes pairs of the digits 0-9 and a-f, and nothing around them`
  throw new DatabaseError('INVALID_ARGUMENT', fault, { argument })
}
