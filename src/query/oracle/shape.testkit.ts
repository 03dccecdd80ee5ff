import type { Scalar } from '../../schema/kinds.ts'

/** A schema as plain data: what the oracle makes up, writes as SDL, and reads again when it evaluates. */
export interface Shape {
  readonly types: readonly TypeShape[]
}

export interface TypeShape {
  readonly name: string
  readonly values: readonly ValueShape[]
  readonly relations: readonly RelationShape[]
  readonly indexes: readonly IndexShape[]
}

/** A kind of value: a scalar, or a list of them, with or without nulls inside. */
export interface KindShape {
  readonly scalar: Scalar
  readonly list: false | 'nillable' | 'non-null'
}

export interface ValueShape extends KindShape {
  readonly name: string
  /** The length that a list must have, so that it can be compared with a vector. */
  readonly size?: number
}

/** One side of a relation. */
export interface RelationShape {
  readonly name: string
  readonly relation: string
  readonly target: string
  /** The field of the target that is the other side; absent where there is none. */
  readonly otherSide?: string
  readonly isList: boolean
  /** This side's documents hold the ID of the other, in `<name>_id`. */
  readonly storesId: boolean
  /** One document has one other: nobody else may refer to it. */
  readonly isOneToOne: boolean
}

export interface IndexShape {
  readonly unique: boolean
  /** Names of values, or of relations that store an ID. */
  readonly fields: readonly { readonly name: string; readonly isDescending: boolean }[]
}

export const ID_KIND: KindShape = { scalar: 'ID', list: false }

/** @throws RangeError for a type that the shape does not have: a mistake of the oracle. */
export function typeNamed({ types }: Shape, name: string): TypeShape {
  const found = types.find((type) => type.name === name)
  if (found === undefined) throw new RangeError(`the oracle has no type "${name}"`)
  return found
}

/** The kind of what a document shows as one value under this name; `undefined` for relations and what is computed. */
export function kindOf(type: TypeShape, name: string): KindShape | undefined {
  if (name === '_docID' || type.relations.some((side) => !side.isList && `${side.name}_id` === name)) return ID_KIND
  return type.values.find((value) => value.name === name)
}

/** The shape as SDL, with its indexes or without them. */
export function shapeToSdl({ types }: Shape, { indexed }: { readonly indexed: boolean }): string {
  return types
    .map((type) => {
      const indexes = indexed ? type.indexes : []
      const onType = indexes.filter(({ fields }) => fields.length > 1).map((index) => ` ${directiveOf(index)}`)
      const onField = (name: string): string =>
        indexes
          .filter(({ fields }) => fields.length === 1 && fields[0]?.name === name)
          .map((index) => ` ${directiveOf(index)}`)
          .join('')
      const lines = [
        ...type.values.map((value) => `${value.name}: ${spelling(value)}${sizeOf(value)}${onField(value.name)}`),
        ...type.relations.map((side) => `${sideToSdl(side)}${onField(side.name)}`),
      ]
      return `type ${type.name}${onType.join('')} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`
    })
    .join('')
}

function spelling({ scalar, list }: KindShape): string {
  const name = scalar === 'Float64' ? 'Float' : scalar
  if (list === false) return name
  return list === 'nillable' ? `[${name}]` : `[${name}!]`
}

function sizeOf({ size }: ValueShape): string {
  return size === undefined ? '' : ` @constraints(size: ${size})`
}

function sideToSdl({ name, target, isList, relation, isOneToOne, storesId, otherSide }: RelationShape): string {
  const isPrimary = isOneToOne && storesId && otherSide !== undefined
  return `${name}: ${isList ? `[${target}]` : target} @relation(name: "${relation}")${isPrimary ? ' @primary' : ''}`
}

function directiveOf({ unique, fields }: IndexShape): string {
  const [first, ...others] = fields
  const included = fields.map(({ name, isDescending }) => `{field: "${name}", direction: ${isDescending ? 'DESC' : 'ASC'}}`)
  const parts = [
    ...(unique ? ['unique: true'] : []),
    ...(others.length === 0 && first?.isDescending === true ? ['direction: DESC'] : []),
    ...(others.length > 0 ? [`includes: [${included.join(', ')}]`] : []),
  ]
  return parts.length === 0 ? '@index' : `@index(${parts.join(', ')})`
}
