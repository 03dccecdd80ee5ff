import type { CollectionVersion } from '../../schema/collection-version.ts'
import { relationOfId } from '../../schema/relations.ts'
import type { QueryCollections } from '../collections.ts'
import type { Dialect } from './dialect.ts'

/** What a dialect calls something by the engine's own name for it; `undefined` when the dialect does not have it. */
export type Word = (name: string) => string | undefined

/**
 * The names of what a collection has: of its own fields, which only differ where they hold the ID of a relation, and of the engine's. A word that is the name of one
 * of the collection's own fields already is left to that field, and what would have had it keeps the engine's name.
 */
export function fieldWord(dialect: Dialect, collection: CollectionVersion): Word {
  const named = new Map(collection.fields.map((field) => [field.name, field]))
  return (name) => {
    const own = named.get(name)
    const relation = own === undefined ? undefined : relationOfId(own)
    const word = relation === undefined ? (own?.name ?? wordIn(dialect.fields, dialect, name)) : dialect.idField(relation)
    return word !== name && word !== undefined && named.has(word) ? name : word
  }
}

/** The names of what stands at the root, collections left out. */
export function rootWord(dialect: Dialect, collections: Pick<QueryCollections, 'named'>): Word {
  return (name) => {
    const word = wordIn(dialect.fields.has(name) ? dialect.fields : dialect.roots, dialect, name)
    return word !== undefined && collections.named(word) !== undefined ? name : word
  }
}

/** The names of mutations: `create_Book`. */
export function mutationWord(dialect: Dialect): Word {
  return (name) => {
    const end = name.indexOf('_')
    const prefix = name.slice(0, end)
    return `${dialect.mutations.get(prefix) ?? prefix}${name.slice(end)}`
  }
}

export function operatorWord(dialect: Dialect): Word {
  return (name) => wordIn(dialect.operators, dialect, name)
}

/** The names of what commits have. */
export function commitWord(dialect: Dialect): Word {
  return (name) => wordIn(dialect.fields, dialect, name)
}

export function linkWord(dialect: Dialect): Word {
  return (name) => wordIn(dialect.linkFields, dialect, name)
}

function wordIn(words: Dialect['fields'], { absent }: Dialect, name: string): string | undefined {
  return words.get(name) ?? (absent.has(name) ? undefined : name)
}
