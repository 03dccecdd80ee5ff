import { noJson, parseDocumentJson, placeAfter, type TextPlace } from './json.ts'

/** Characters that are looked at together, so that a value which comes in many small pieces is not searched anew for each. */
const SEARCHED_AT_ONCE = 65_536

/** Cuts a JSON text that comes in pieces, and may be longer than memory, into values; what was cut is forgotten. */
export interface JsonCutter {
  /** The next character that is no blank, or '' at the end; it stays. */
  peek(): Promise<string>
  /** Passes over this character, if it comes next. */
  take(character: string): Promise<boolean>
  /** The next value, and where it begins. @throws INVALID_DOCUMENT for a text that is no JSON */
  value(): Promise<{ readonly value: unknown; readonly place: TextPlace }>
  /** Refuses what comes next. @throws INVALID_DOCUMENT with its place */
  fail(expected: string): never
}

/** `what` is what the text is called in messages. Whoever gives the pieces ends them himself. */
export function jsonCutter(what: string, pieces: AsyncIterator<string>): JsonCutter {
  let text = ''
  let offset = 0
  /** Where `text` begins. */
  let start: TextPlace = { line: 1, column: 1 }

  /** Drops what was cut and gets more; false at the end. */
  async function fill(): Promise<boolean> {
    const more: string[] = []
    for (let length = 0; length < SEARCHED_AT_ONCE;) {
      const piece = await pieces.next()
      if (piece.done === true) break
      more.push(piece.value)
      length += piece.value.length
    }
    start = placeAfter(start, text.slice(0, offset))
    const rest = text.slice(offset)
    text = rest + more.join('')
    offset = 0
    return text.length > rest.length
  }

  async function peek(): Promise<string> {
    for (;;) {
      while (isBlank(text.charCodeAt(offset))) offset++
      if (offset < text.length || !(await fill())) return text.charAt(offset)
    }
  }

  /** How many characters the value takes that begins here, or would begin here if it were one. */
  async function measure(): Promise<number> {
    let depth = 0
    let isQuoted = false
    for (let length = 0; ; length++) {
      // `fill` moves the beginning of the value, not what is counted from there.
      if (offset + length >= text.length && !(await fill())) return length
      const code = text.charCodeAt(offset + length)
      if (isQuoted) {
        if (code === BACKSLASH) length++
        else if (code === QUOTE) isQuoted = false
        if (!isQuoted && depth === 0) return length + 1
      } else if (code === QUOTE) {
        isQuoted = true
      } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
        depth++
      } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
        if (depth <= 1) return length + depth
        depth--
      } else if (depth === 0 && (code === COMMA || isBlank(code))) {
        return length
      }
    }
  }

  function fail(expected: string): never {
    throw noJson(what, expected, placeAfter(start, text.slice(0, offset)), text.slice(offset))
  }

  return {
    peek,
    take: async (character) => {
      if ((await peek()) !== character) return false
      offset++
      return true
    },
    value: async () => {
      if ((await peek()) === '') fail('a value')
      const length = await measure()
      if (length === 0) fail('a value')
      start = placeAfter(start, text.slice(0, offset))
      text = text.slice(offset)
      const place = start
      offset = Math.min(length, text.length)
      return { value: parseDocumentJson(text.slice(0, offset), { what, ...place }), place }
    },
    fail,
  }
}

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
