import type { DocumentValue } from '../../schema/document-value.ts'

/** What aggregates add up and compare; everything else among the values is passed over. */
export function numbersOf(values: readonly DocumentValue[]): readonly (number | bigint)[] {
  return values.filter((value) => typeof value === 'number' || typeof value === 'bigint')
}

/** The sum. Whole numbers are added exactly when all are whole, and wrap around beyond 64 bits, as counters do. Otherwise it is the sum of floats in their order. */
export function sumOf(numbers: readonly (number | bigint)[]): number | bigint {
  const total = totalOf(numbers)
  if (typeof total === 'number') return total
  const wrapped = BigInt.asIntN(64, total)
  const number = Number(wrapped)
  return Number.isSafeInteger(number) ? number : wrapped
}

/** The mean: exact for whole numbers up to the division, whatever their size. */
export function meanOf(numbers: readonly (number | bigint)[]): number {
  return Number(totalOf(numbers)) / numbers.length
}

/** The sum without bounds: a bigint only when whole numbers make, or pass through, one that is no safe number. */
function totalOf(numbers: readonly (number | bigint)[]): number | bigint {
  let sum = 0
  let isExact = true
  for (const number of numbers) {
    sum += Number(number)
    isExact &&= typeof number === 'number' && Number.isSafeInteger(sum)
  }
  if (isExact || !numbers.every(isWhole)) return sum
  let exact = 0n
  for (const number of numbers) exact += BigInt(number)
  return exact
}

/** Whole numbers of `Int` fields: those beyond the safe range come as bigints, so a large plain number is a float. */
function isWhole(number: number | bigint): boolean {
  return typeof number === 'bigint' || Number.isSafeInteger(number)
}
