import type { DocumentValue } from '../../schema/document-value.ts'

/** What aggregates add up and compare; everything else among the values is passed over. */
export function numbersOf(values: readonly DocumentValue[]): readonly (number | bigint)[] {
  return values.filter((value) => typeof value === 'number' || typeof value === 'bigint')
}

/**
 * The sum. Whole numbers are added exactly as long as all are whole and the sum has 64 bits; it wraps around beyond, as counters do. Otherwise it is the sum of
 * floats in their order.
 */
export function sumOf(numbers: readonly (number | bigint)[]): number | bigint {
  let sum = 0
  for (const number of numbers) sum += Number(number)
  if (Number.isSafeInteger(sum) || !numbers.every(isWhole)) return sum
  let exact = 0n
  for (const number of numbers) exact += BigInt(number)
  return BigInt.asIntN(64, exact)
}

/** Whole numbers of `Int` fields: those beyond the safe range come as bigints, so a large plain number is a float. */
function isWhole(number: number | bigint): boolean {
  return typeof number === 'bigint' || Number.isSafeInteger(number)
}
