const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const UNKNOWN = 0xff

const codeByValue = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0))
const valueByCode = new Uint8Array(128).fill(UNKNOWN)
for (const [value, code] of codeByValue.entries()) valueByCode[code] = value

/** RFC 4648 base32, lower case, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  const codes: number[] = []
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      codes.push(codeByValue[(held >>> bits) & 31] ?? 0)
    }
    held &= (1 << bits) - 1
  }
  if (bits > 0) codes.push(codeByValue[(held << (5 - bits)) & 31] ?? 0)
  return String.fromCharCode(...codes)
}

/**
 * The bytes of lower-case base32 without padding, from `start` of `text`; `undefined` when it is not exactly what `encodeBase32` writes (wrong letter, wrong
 * length, bits left over).
 */
export function decodeBase32(text: string, start = 0): Uint8Array | undefined {
  const bytes = new Uint8Array(((text.length - start) * 5) >>> 3)
  let length = 0
  let bits = 0
  let held = 0
  for (let index = start; index < text.length; index++) {
    const value = valueByCode[text.charCodeAt(index)] ?? UNKNOWN
    if (value === UNKNOWN) return undefined
    held = (held << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[length++] = held >>> bits
      held &= (1 << bits) - 1
    }
  }
  return bits >= 5 || held !== 0 ? undefined : bytes
}
