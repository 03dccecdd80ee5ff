import type { DocumentValue, JsonObject } from '../schema/document-value.ts'
import { compareText } from '../util/bytes.ts'
import { isList } from './json-value.ts'

/**
 * JSON text of a value, byte by byte as Go writes it: members in the order of their names' UTF-8, whole numbers with every digit, `<`, `>` and `&` escaped. With `indent`
 * (the blanks of one step) every member and element has a line of its own, and all lines but the first begin with `margin`. What JSON has no word for, NaN and the
 * infinities, is null.
 */
export function printJson(value: DocumentValue, indent = '', margin = ''): string {
  if (typeof value === 'string') return printText(value)
  if (typeof value === 'number') return printNumber(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = margin + indent
  const colon = indent === '' ? ':' : ': '
  const items = isList(value)
    ? value.map((element) => printJson(element, indent, inner))
    : sortedNames(value).map((name) => `${printText(name)}${colon}${printJson(value[name] ?? null, indent, inner)}`)
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}']
  if (items.length === 0 || indent === '') return `${open}${items.join(',')}${close}`
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${margin}${close}`
}

/** The shortest decimal that names a number of 32 bits, where 64 bits would spell out digits nobody gave: 0.1, not 0.10000000149011612. */
export function shortestFloat32(value: number): number {
  // Digits alone would lose the sign.
  if (value === 0) return value
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return shorter
  }
  return Number(value.toPrecision(FLOAT32_DIGITS))
}

/** So many name every number of 32 bits. */
const FLOAT32_DIGITS = 9

function sortedNames(value: JsonObject): readonly string[] {
  return Object.keys(value).toSorted(compareText)
}

function printNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  return Object.is(value, -0) ? '-0' : String(value)
}

/** What Go escapes beyond JSON, so that a text can stand inside HTML and JavaScript. */
const ESCAPED = /[<>&\u2028\u2029]/g

function printText(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
