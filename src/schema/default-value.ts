import { Kind } from 'graphql'

import type { DialectName } from './dialect-name.ts'
import type { AppliedDirective } from './directives.ts'
import type { DocumentValue } from './document-value.ts'
import type { FieldKind, Scalar, ValueKind } from './kinds.ts'
import { schemaProblem, type SchemaPlace } from './schema-problem.ts'

/** The default of a DateTime field that stands for the time at which a document is created. No DateTime is written like this. */
export const UTC_NOW = 'UTC_NOW'

/** The argument of `@default` for each scalar in dialect 0.19, and whether a value written there is one. The document layer reads it like any other value. */
const ARGUMENT_BY_SCALAR: Readonly<Record<Scalar, { readonly names: readonly string[]; holds(value: DocumentValue): boolean }>> = {
  ID: { names: [], holds: () => false },
  Boolean: { names: ['bool'], holds: (value) => typeof value === 'boolean' },
  Int: { names: ['int'], holds: (value) => isInteger(value) },
  Float64: { names: ['float', 'float64'], holds: isNumber },
  Float32: { names: ['float', 'float32'], holds: (value) => typeof value === 'number' && Number.isFinite(Math.fround(value)) },
  String: { names: ['string'], holds: (value) => typeof value === 'string' },
  DateTime: {
    names: ['dateTime'],
    holds: (value) => typeof value === 'string' && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)),
  },
  Blob: { names: ['blob'], holds: (value) => typeof value === 'string' && /^(?:[0-9a-fA-F]{2})*$/.test(value) },
  JSON: { names: ['json'], holds: () => true },
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
const LARGEST_INT = 2n ** 63n - 1n
const SMALLEST_INT = -(2n ** 63n)

interface Spelling {
  /** The arguments that can hold the default of a scalar. */
  names(scalar: Scalar): readonly string[]
  readonly hasNow: boolean
}

/** How each dialect spells defaults. What they come to, and what is stored, is the same. */
const SPELLINGS: Readonly<Record<DialectName, Spelling>> = {
  '0.19': { names: (scalar) => ARGUMENT_BY_SCALAR[scalar].names, hasNow: false },
  '1.0': { names: () => ['value'], hasNow: true },
}

/** The value of `@default` on a field of `kind`. @throws INVALID_SCHEMA when the kind takes none, or not this one. */
export function defaultValueOf(directive: AppliedDirective, kind: FieldKind, place: SchemaPlace, dialect: DialectName): DocumentValue {
  const here = { ...place, node: directive.node }
  const scalar = scalarWithDefault(kind)
  if (scalar === undefined) {
    throw schemaProblem(`default value is not allowed for this field type. Name: ${place.field ?? ''}, Type: ${wordFor(kind)}`, here)
  }
  const names = SPELLINGS[dialect].names(scalar)
  const [entry, ...others] = directive.values
  if (entry === undefined || others.length > 0) {
    throw schemaProblem(`"@default" takes one argument; for a field of kind ${scalar} it is "${names.join('" or "')}"`, here)
  }
  const [name, written] = entry
  if (!names.includes(name)) {
    const isForeign = Object.values(SPELLINGS).some((spelling) => spelling.names(scalar).includes(name))
    throw schemaProblem(
      `"@default(${name}:)" ${isForeign ? `is of another dialect; in dialect ${dialect}` : `does not fit a field of kind ${scalar};`} write "@default(${names.join(': …)" or "@default(')}: …)"`,
      here,
    )
  }
  if (SPELLINGS[dialect].hasNow && scalar === 'DateTime' && written === UTC_NOW) return UTC_NOW
  const value = scalar === 'JSON' ? jsonOf(written, here) : written
  if (isWord(directive) || !ARGUMENT_BY_SCALAR[scalar].holds(value))
    throw schemaProblem(`the default ${JSON.stringify(written, bigintAsText)} is no ${scalar}`, here)
  return value
}

/** A bare word, which is no value. */
function isWord({ node }: AppliedDirective): boolean {
  return node.arguments?.[0]?.value.kind === Kind.ENUM
}

function scalarWithDefault(kind: FieldKind): ValueKind['scalar'] | undefined {
  if (kind.type === 'relation' || kind.list !== false) return undefined
  return ARGUMENT_BY_SCALAR[kind.scalar].names.length === 0 ? undefined : kind.scalar
}

function wordFor(kind: FieldKind): string {
  if (kind.list !== false) return 'List'
  return kind.type === 'relation' ? kind.collection : kind.name
}

/** JSON is written as GraphQL literals or as JSON text in quotes. */
function jsonOf(written: DocumentValue, place: SchemaPlace): DocumentValue {
  if (typeof written !== 'string') return written
  try {
    return JSON.parse(written) as DocumentValue
  } catch (error) {
    throw schemaProblem(`the default ${JSON.stringify(written)} is no JSON text`, place, { cause: error })
  }
}

function isInteger(value: DocumentValue): boolean {
  if (typeof value === 'bigint') return value >= SMALLEST_INT && value <= LARGEST_INT
  return typeof value === 'number' && Number.isInteger(value)
}

function isNumber(value: DocumentValue): boolean {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
