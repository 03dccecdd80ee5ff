/**
 * JSON text of a value, whole numbers beyond 2^53 as plain digits, which `JSON.stringify` refuses. With `indent` (the blanks of one step) it is laid
 * out over lines, and what fits into one line stays on it.
 */
export function printJson(value: unknown, indent = '', margin = ''): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const isList = Array.isArray(value)
  const items = isList
    ? value.map((item: unknown) => printJson(item, indent, margin + indent))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${printJson(item, indent, margin + indent)}`)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  const line = `${open}${items.join(', ')}${close}`
  if (items.length === 0 || indent === '' || (!line.includes('\n') && margin.length + line.length <= LINE_LENGTH)) return line
  return `${open}\n${items.map((item) => margin + indent + item).join(',\n')}\n${margin}${close}`
}

/** Short objects read better on one line; half a wide window holds this much. */
const LINE_LENGTH = 72

export type JsonTokenKind = 'name' | 'string' | 'number' | 'word' | 'other'

export interface JsonToken {
  readonly kind: JsonTokenKind
  readonly text: string
}

const TOKENS =
  /(?<name>"(?:[^"\\]|\\.)*"(?=:))|(?<string>"(?:[^"\\]|\\.)*")|(?<number>-?\d[\d.eE+-]*)|(?<word>true|false|null)|(?<other>[^"\d\w-]+|.)/gsu

/** Cuts JSON text into what a reader may want to see in colours. Put together again, the tokens are the text. */
export function* jsonTokens(text: string): Generator<JsonToken> {
  for (const { 0: token, groups } of text.matchAll(TOKENS)) {
    yield { kind: KINDS.find((kind) => groups?.[kind] !== undefined) ?? 'other', text: token }
  }
}

const KINDS: readonly JsonTokenKind[] = ['name', 'string', 'number', 'word']
