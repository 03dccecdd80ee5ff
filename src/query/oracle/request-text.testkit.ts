import {
  type AggregateSource,
  type FragmentField,
  type PlainField,
  type PlainRequest,
  type SelectArguments,
  type SelectField,
} from './request.testkit.ts'

/** A request as it goes to the engine. */
export interface RequestText {
  readonly text: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** Writes a request as GraphQL. */
export function requestToText({ roots }: PlainRequest): RequestText {
  const written: Written = { declarations: [], variables: {}, fragments: [] }
  const body = selectionToText(roots, '  ', written)
  const declared = written.declarations.length === 0 ? '' : `query (${written.declarations.join(', ')}) `
  return { text: `${declared}${body}\n${written.fragments.join('')}`, variables: written.variables }
}

/** What stands elsewhere than where it is used. */
interface Written {
  readonly declarations: string[]
  readonly variables: Record<string, unknown>
  readonly fragments: string[]
}

function selectionToText(fields: readonly PlainField[], indent: string, written: Written): string {
  const lines = fields.map((field) => `${indent}${fieldToText(field, indent, written)}\n`)
  return `{\n${lines.join('')}${indent.slice(2)}}`
}

function fieldToText(field: PlainField, indent: string, written: Written): string {
  switch (field.kind) {
    case 'value':
      return named(field)
    case 'similarity':
      return `${field.key}: _similarity(${field.field}: {vector: ${literal(field.vector)}})`
    case 'aggregate':
      return `${named(field)}(${field.sources.map((source) => `${source.name}: ${sourceToText(source)}`).join(', ')})`
    case 'select': {
      const given = field.asVariables ? variablesToText(field, written) : argumentsToText(field.arguments)
      return `${named(field)}${given.length === 0 ? '' : `(${given.join(', ')})`} ${selectionToText(field.fields, `${indent}  `, written)}`
    }
    case 'fragment':
      return fragmentToText(field, indent, written)
  }
}

function named({ key, name }: { readonly key: string; readonly name: string }): string {
  return key === name ? name : `${key}: ${name}`
}

function fragmentToText({ name, on, fields }: FragmentField, indent: string, written: Written): string {
  if (name === undefined) return `... on ${on} ${selectionToText(fields, `${indent}  `, written)}`
  written.fragments.push(`fragment ${name} on ${on} ${selectionToText(fields, '  ', written)}\n`)
  return `...${name}`
}

function argumentsToText(given: SelectArguments): readonly string[] {
  return Object.entries(given).map(([name, value]) => `${name}: ${WORDS.has(name) ? words(value) : literal(value)}`)
}

/** Arguments with names of fields or directions in them, which are written without quotation marks. */
const WORDS: ReadonlySet<string> = new Set(['order', 'groupBy', 'field'])

function variablesToText({ arguments: given, on }: SelectField, written: Written): readonly string[] {
  const types: Readonly<Record<string, string>> = {
    docID: '[ID!]',
    filter: `${on}FilterArg`,
    groupBy: `[${on}Field!]`,
    order: `[${on}OrderArg]`,
    limit: 'Int',
    offset: 'Int',
    showDeleted: 'Boolean',
  }
  return Object.entries(given).map(([name, value]) => {
    const variable = `${name}${written.declarations.length}`
    written.declarations.push(`$${variable}: ${types[name]}`)
    written.variables[variable] = value
    return `${name}: $${variable}`
  })
}

function sourceToText({ field, filter, order, limit, offset }: AggregateSource): string {
  const given = Object.entries({ field, filter, order, limit, offset }).filter(([, value]) => value !== undefined)
  const members = given.map(([name, value]) => `${name}: ${WORDS.has(name) ? words(value) : literal(value)}`)
  return `{${members.join(', ')}}`
}

/** A value as a GraphQL literal. */
export function literal(value: unknown): string {
  return write(value, (text) => JSON.stringify(text))
}

function words(value: unknown): string {
  return write(value, (text) => text)
}

function write(value: unknown, text: (text: string) => string): string {
  if (typeof value === 'string') return text(value)
  if (Object.is(value, -0)) return '-0.0'
  if (Array.isArray(value)) return `[${value.map((element) => write(element, text)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([name, member]) => `${name}: ${write(member, text)}`)
  return `{${members.join(', ')}}`
}
