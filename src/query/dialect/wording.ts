import { DatabaseError, isFailure } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { relationOfId } from '../../schema/relations.ts'
import type { Dialect } from './dialect.ts'
import { fieldWord, operatorWord } from './words.ts'

/** Puts the words of a dialect in the place of the engine's own names in messages. */
export interface Wording {
  text(message: string): string
  /** The same failure in the words of the dialect; what is none stays as it is. */
  failure(error: unknown): unknown
}

/** The wording for messages about these collections. */
export function createWording(dialect: Dialect, collections: readonly CollectionVersion[]): Wording {
  if (dialect.isCanonical) return { text: (message) => message, failure: (error) => error }
  const words = wordsOf(dialect, collections)
  const longestFirst = [...words.keys()].toSorted((a, b) => b.length - a.length).map((name) => name.replace(/[[\]]/g, String.raw`\$&`))
  const pattern = new RegExp(String.raw`(?<!\w)(?:${longestFirst.join('|')})(?!\w)`, 'g')
  const text = (message: string): string => message.replace(pattern, (name) => words.get(name) ?? name)
  return {
    text,
    failure: (error) => {
      if (!isFailure(error)) return error
      const details = 'field' in error.details ? { ...error.details, field: text(error.details.field ?? '') } : error.details
      return new DatabaseError(error.code, text(error.message), details, { cause: error })
    },
  }
}

/** Only names that begin with an underscore or hold the ID of a relation: the others are words of English as well. */
function wordsOf(dialect: Dialect, collections: readonly CollectionVersion[]): ReadonlyMap<string, string> {
  const operator = operatorWord(dialect)
  const words = new Map<string, string>(dialect.fields)
  for (const name of dialect.operators.keys()) words.set(name, operator(name) ?? name)
  const fields = collections.flatMap((collection) => collection.fields.map((field) => ({ collection, field })))
  // A name that is that of a plain field somewhere else is left as it is: the message may be about that one.
  const plain = new Set(fields.flatMap(({ field }) => (relationOfId(field) === undefined ? [field.name] : [])))
  for (const { collection, field } of fields) {
    const word = fieldWord(dialect, collection)(field.name)
    if (word !== undefined && word !== field.name && !plain.has(field.name)) words.set(field.name, word)
  }
  return words
}
