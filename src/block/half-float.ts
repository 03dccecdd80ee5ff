/** The bits of the float16 that equals the float32 with these bits, or `undefined` when there is none. NaN is for the caller. */
export function halfBitsOfSingle(bits: number): number | undefined {
  const sign = (bits >>> 16) & 0x8000
  const biased = (bits >>> 23) & 0xff
  const mantissa = bits & 0x7fffff
  if (biased === 0) return mantissa === 0 ? sign : undefined
  if (biased === 0xff) return mantissa === 0 ? sign | 0x7c00 : undefined
  const exponent = biased - 127
  if (exponent >= -14) {
    return exponent <= 15 && (mantissa & 0x1fff) === 0 ? sign | ((exponent + 15) << 10) | (mantissa >>> 13) : undefined
  }
  // Subnormal: a multiple of 2^-24.
  if (exponent < -24) return undefined
  const shift = -exponent - 1
  const significand = mantissa | 0x800000
  return (significand & ((1 << shift) - 1)) === 0 ? sign | (significand >>> shift) : undefined
}

/** The value of the float16 with these bits. */
export function valueOfHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1
  const exponent = (bits >>> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}
