import { bytesToBase64, type Bytes } from './bytes.ts'

/** Base64 without padding, of characters that stand in URLs as they are (RFC 4648, section 5). */
export function bytesToBase64Url(bytes: Uint8Array): string {
  return bytesToBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** `undefined` for a text that `bytesToBase64Url` does not write. */
export function base64UrlToBytes(text: string): Bytes | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (unit) => unit.charCodeAt(0))
  // The last character may have bits that no byte takes.
  return bytesToBase64Url(bytes) === text ? bytes : undefined
}
