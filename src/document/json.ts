import { DatabaseError } from '../errors.ts'

/** A whole number so long that it may not be exact as a JavaScript number. */
const LONG_NUMBER = /\d{16}/

/** Nested deeper than any document; the parser calls itself once a level. */
const MAX_DEPTH = 512

/** A place in a text, both counted from one; columns in UTF-16 units, as editors count. */
export interface TextPlace {
  readonly line: number
  readonly column: number
}

/** What a text is called in messages, and where it begins when it is part of a longer one. */
export interface JsonOrigin extends TextPlace {
  readonly what: string
}

const A_DOCUMENT: JsonOrigin = { what: 'the document', line: 1, column: 1 }

/**
 * Reads JSON text. Whole numbers that JavaScript numbers cannot hold exactly come out as bigints, since `Int` has 64 bits.
 * @throws INVALID_DOCUMENT with the line and column of the first mistake
 */
export function parseDocumentJson(text: string, origin: JsonOrigin = A_DOCUMENT): unknown {
  if (!LONG_NUMBER.test(text)) {
    try {
      const value: unknown = JSON.parse(text)
      return value
    } catch {
      // Engines do not agree on whether and how they tell the position; the parser below finds it.
    }
  }
  return new JsonParser(text, origin).parse()
}

/**
 * Reads what the platform's parser cannot: exact whole numbers and the position of a mistake. Slower by far, and only asked in these two cases.
 */
class JsonParser {
  readonly #text: string
  readonly #origin: JsonOrigin
  #offset = 0

  constructor(text: string, origin: JsonOrigin) {
    this.#text = text
    this.#origin = origin
  }

  parse(): unknown {
    const value = this.#value(0)
    this.#space()
    if (this.#offset < this.#text.length) this.#fail('the end')
    return value
  }

  #value(depth: number): unknown {
    this.#space()
    switch (this.#text.charAt(this.#offset)) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): unknown {
    const entries: [string, unknown][] = []
    this.#open(depth)
    if (this.#take('}')) return {}
    do {
      this.#space()
      if (this.#text[this.#offset] !== '"') this.#fail('a member name in double quotation marks')
      const name = this.#string()
      if (!this.#take(':')) this.#fail('":"')
      entries.push([name, this.#value(depth + 1)])
    } while (this.#take(','))
    if (!this.#take('}')) this.#fail('"," or "}"')
    return Object.fromEntries(entries)
  }

  #array(depth: number): unknown {
    const elements: unknown[] = []
    this.#open(depth)
    if (this.#take(']')) return elements
    do elements.push(this.#value(depth + 1))
    while (this.#take(','))
    if (!this.#take(']')) this.#fail('"," or "]"')
    return elements
  }

  #string(): string {
    const start = this.#offset
    let end = start + 1
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    try {
      const value = String(JSON.parse(this.#text.slice(start, end + 1)))
      this.#offset = end + 1
      return value
    } catch {
      // Escapes and control characters are the platform's to judge.
      return this.#fail('a text that ends, with valid escapes and no line breaks')
    }
  }

  #number(): number | bigint {
    const token = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
    if (token === undefined) return this.#fail('a value')
    const value = Number(token)
    return /^-?\d+$/.test(token) && !Number.isSafeInteger(value) ? BigInt(token) : value
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#offset)) this.#fail('a value')
    this.#offset += word.length
    return value
  }

  #open(depth: number): void {
    if (depth === MAX_DEPTH) this.#fail(`no more than ${MAX_DEPTH} levels`)
    this.#offset++
  }

  #take(character: string): boolean {
    this.#space()
    if (this.#text[this.#offset] !== character) return false
    this.#offset++
    return true
  }

  #space(): void {
    this.#match(/[ \t\n\r]*/y)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset
    const token = pattern.exec(this.#text)?.[0]
    this.#offset += token?.length ?? 0
    return token
  }

  #fail(expected: string): never {
    const place = placeAfter(this.#origin, this.#text.slice(0, this.#offset))
    throw noJson(this.#origin.what, expected, place, this.#text.slice(this.#offset))
  }
}

/** Where a text ends that begins at a place. */
export function placeAfter({ line, column }: TextPlace, text: string): TextPlace {
  const lastBreak = text.lastIndexOf('\n')
  if (lastBreak === -1) return { line, column: column + text.length }
  let breaks = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) breaks++
  return { line: line + breaks, column: text.length - lastBreak }
}

/** The refusal of a text that is no JSON; `rest` begins with what stands where something else was expected. */
export function noJson(what: string, expected: string, { line, column }: TextPlace, rest: string): DatabaseError<'INVALID_DOCUMENT'> {
  const found = rest === '' ? 'the text ends' : `found ${JSON.stringify(rest.slice(0, 12))}`
  const message = `${what} is no JSON: expected ${expected} at line ${line}, column ${column}, but ${found}`
  return new DatabaseError('INVALID_DOCUMENT', message, {})
}
