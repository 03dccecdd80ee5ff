import { DIALECTS, type Dialect, type Words } from './dialect.ts'

/**
 * What to write in this dialect for a name that another one has: `in dialect 1.0 it is "add_Book"`. `isKnown` says whether a name can stand in the same place.
 * `undefined` when the name is of no dialect.
 */
export function dialectHint(dialect: Dialect, name: string, isKnown: (word: string) => boolean): string | undefined {
  for (const other of Object.values(DIALECTS)) {
    if (other === dialect) continue
    const word = translations(other, dialect, name).find((candidate) => candidate !== name && isKnown(candidate))
    if (word !== undefined) return `in dialect ${dialect.name} it is "${word}"`
    for (const [canonical, { beside, advice }] of dialect.absent) {
      const isMeant = TABLES.some((table) => (other[table].get(canonical) ?? canonical) === name)
      if (isMeant && isKnown(beside)) return `dialect ${dialect.name} does not have it: ${advice}`
    }
  }
  return undefined
}

const TABLES = ['fields', 'roots', 'operators', 'linkFields'] as const

/** The words of `to` for what `from` calls `name`. */
function translations(from: Dialect, to: Dialect, name: string): readonly string[] {
  const words = TABLES.flatMap((table) => translate(from[table], to[table], name))
  const end = name.indexOf('_')
  const mutations = translate(from.mutations, to.mutations, name.slice(0, Math.max(end, 0))).map((prefix) => prefix + name.slice(end))
  const relation = from.relationOf(name)
  return [...words, ...mutations, ...(relation === undefined ? [] : [to.idField(relation)])]
}

function translate(from: Words, to: Words, name: string): readonly string[] {
  const canonical = new Set([...from.keys(), ...to.keys()])
  return [...canonical].filter((key) => (from.get(key) ?? key) === name).map((key) => to.get(key) ?? key)
}
