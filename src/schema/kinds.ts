/**
 * Field kinds as the data format numbers them: the numbers are part of every schema's hash.
 * One line a kind; shared code reads the table and never asks which kind it holds.
 */

/** The scalar a kind is made of, which decides how values are read, encoded and compared. */
export type Scalar = 'ID' | 'Boolean' | 'Int' | 'Float64' | 'Float32' | 'String' | 'DateTime' | 'Blob' | 'JSON'

/** The kind of a field that holds a value (everything but a relation). */
export interface ValueKind {
  readonly type: 'value'
  /** As in SDL: `Int`, `[Int!]`. `Float` is `Float64`. */
  readonly name: string
  /** The number inside the schema's hash. */
  readonly number: number
  readonly scalar: Scalar
  readonly list: false | 'nillable' | 'non-null'
}

/** The kind of a field that is another document (or, for `list`, the many side of a relation). */
export interface RelationKind {
  readonly type: 'relation'
  /** Name of the related collection. */
  readonly collection: string
  readonly list: boolean
}

export type FieldKind = ValueKind | RelationKind

function valueKind(name: string, number: number, scalar: Scalar, list: ValueKind['list'] = false): ValueKind {
  return { type: 'value', name, number, scalar, list }
}

/** Every kind of value, in the order of its number. */
export const VALUE_KINDS: readonly ValueKind[] = [
  valueKind('ID', 1, 'ID'),
  valueKind('Boolean', 2, 'Boolean'),
  valueKind('[Boolean!]', 3, 'Boolean', 'non-null'),
  valueKind('Int', 4, 'Int'),
  valueKind('[Int!]', 5, 'Int', 'non-null'),
  valueKind('Float64', 6, 'Float64'),
  valueKind('[Float64!]', 7, 'Float64', 'non-null'),
  valueKind('Float32', 8, 'Float32'),
  valueKind('[Float32!]', 9, 'Float32', 'non-null'),
  valueKind('DateTime', 10, 'DateTime'),
  valueKind('String', 11, 'String'),
  valueKind('[String!]', 12, 'String', 'non-null'),
  valueKind('Blob', 13, 'Blob'),
  valueKind('JSON', 14, 'JSON'),
  valueKind('[Boolean]', 18, 'Boolean', 'nillable'),
  valueKind('[Int]', 19, 'Int', 'nillable'),
  valueKind('[Float64]', 20, 'Float64', 'nillable'),
  valueKind('[String]', 21, 'String', 'nillable'),
  valueKind('[Float32]', 22, 'Float32', 'nillable'),
]

const valueKindsByName = new Map(VALUE_KINDS.map((kind) => [kind.name, kind]))
const valueKindsByNumber = new Map(VALUE_KINDS.map((kind) => [kind.number, kind]))

/** The value kind of an SDL spelling such as `Int` or `[Float!]`; `undefined` for the name of a collection. */
export function valueKindByName(name: string): ValueKind | undefined {
  return valueKindsByName.get(name.replace(/\bFloat\b/, 'Float64'))
}

export function valueKindByNumber(number: number): ValueKind | undefined {
  return valueKindsByNumber.get(number)
}

/** @throws RangeError for a spelling that is not in the table: for the program's own constants only. */
export function knownValueKind(name: string): ValueKind {
  const kind = valueKindByName(name)
  if (kind === undefined) throw new RangeError(`no value kind "${name}"`)
  return kind
}

/** The kind of what is in a list; in JSON everything is JSON. */
export function elementKind(kind: ValueKind): ValueKind {
  return kind.list === false ? kind : knownValueKind(kind.scalar)
}
