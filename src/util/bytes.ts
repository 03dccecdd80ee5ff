const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes over a plain ArrayBuffer: what WebCrypto, IndexedDB and data channels accept. */
export type Bytes = Uint8Array<ArrayBuffer>

/** The UTF-8 of `text`. */
export function encodeText(text: string): Bytes {
  return encoder.encode(text)
}

/** @throws TypeError when `bytes` are not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** One array of all parts in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Lexicographic order of unsigned bytes; a prefix sorts first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0
}

/** Order of the UTF-8 of two well-formed texts, which is not the order of their UTF-16. */
export function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right)
  }
  return a.length - b.length
}

/** Surrogates spell code points beyond U+FFFF, so they come after all other units. */
function rankOfUnit(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function bytesToHex(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += HEX[bytes[index] ?? 0] ?? ''
  return text
}

/** @throws RangeError when `text` is not pairs of hex digits. */
export function hexToBytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length >>> 1)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (hexDigit(text.charCodeAt(index * 2)) << 4) | hexDigit(text.charCodeAt(index * 2 + 1))
  }
  if (text.length % 2 !== 0) throw new RangeError(`not pairs of hex digits: "${text}"`)
  return bytes
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  if (letter >= 97 && letter <= 102) return letter - 87
  throw new RangeError(`not a hex digit: "${String.fromCharCode(code)}"`)
}

/** A text with one UTF-16 unit for each byte: the cheapest key for maps. Not for people, and not for more than some thousand bytes. */
export function bytesToMapKey(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

/** Standard base64 with padding. */
export function bytesToBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * The key range of everything that starts with `prefix`: `from` inclusive, `to` exclusive.
 * `to` is absent when the prefix is all 0xff, where there is no end.
 */
export function prefixRange(prefix: Uint8Array): { readonly from: Uint8Array; readonly to?: Uint8Array } {
  const to = Uint8Array.from(prefix)
  for (let index = to.length - 1; index >= 0; index--) {
    const byte = to[index] ?? 0xff
    if (byte < 0xff) {
      to[index] = byte + 1
      return { from: prefix, to: to.subarray(0, index + 1) }
    }
  }
  return { from: prefix }
}
