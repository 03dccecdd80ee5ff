const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * Base58 with the alphabet of Bitcoin (base58btc): the bytes as one number, and a `1` for every zero byte in front. For keys only, since the work grows with the square
 * of the length. The library that has it is made for all bases at once, and is no dependency.
 */
export function bytesToBase58(bytes: Uint8Array): string {
  // Little-endian digits of what was read so far.
  const digits: number[] = []
  for (const byte of bytes) {
    let carry = byte
    for (let index = 0; index < digits.length; index++) {
      carry += (digits[index] ?? 0) << 8
      digits[index] = carry % 58
      carry = Math.floor(carry / 58)
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58)
  }
  const firstNonZero = bytes.findIndex((byte) => byte !== 0)
  const zeros = firstNonZero === -1 ? bytes.length : firstNonZero
  return (
    '1'.repeat(zeros) +
    digits
      .map((digit) => ALPHABET[digit])
      .reverse()
      .join('')
  )
}
