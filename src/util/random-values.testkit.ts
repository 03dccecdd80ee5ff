import { encodeText } from './bytes.ts'
import type { Random } from './seed.testkit.ts'

/** True once in so many times. */
export function oneIn(times: number, random: Random): boolean {
  return random.below(times) === 0
}

export function pick<T>(items: readonly T[], random: Random): T {
  if (items.length === 0) throw new RangeError('there is nothing to choose from')
  return items[random.below(items.length)] as T
}

/** A length up to `most`: nearly always a small one, now and then one of thousands, or `most` itself. */
export function someLength(most: number, random: Random): number {
  const length = pick([0, 1, random.below(4), random.below(4), random.below(40), random.below(40), random.below(300)], random)
  if (oneIn(60, random)) return Math.min(most, pick([most, 23, 24, 255, 256, random.below(20_000)], random), LONGEST)
  return Math.min(most, length)
}

/** Longer ones would only take time: every length that a format writes in another way is below. */
const LONGEST = 70_000

export function someBytes(length: number, random: Random): Uint8Array {
  const bytes = new Uint8Array(length)
  // Of long ones the beginning says all that there is to say.
  for (let index = 0; index < length && index < 600; index++) bytes[index] = random.below(256)
  return bytes
}

/** A text of up to `most` bytes of UTF-8. */
export function someText(most: number, random: Random): string {
  let text = ''
  for (let left = someLength(most, random); left > 0;) {
    const letter = oneIn(8, random) ? pick(RARE_LETTERS, random) : String.fromCharCode(97 + random.below(26))
    left -= encodeText(letter).length
    if (left >= 0) text += letter
  }
  return text
}

/** Of one to four bytes, and what programs trip over: a zero, a byte order mark, a replacement character, a letter that grows when its case changes. */
const RARE_LETTERS = ['\u0000', 'é', '\ufeff', '\ufffd', '\u{1f600}', '\u{10ffff}', 'İ', '\u2028', '"']
