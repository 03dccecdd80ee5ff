import type { DialectName } from '../../schema/dialect-name.ts'
import { idFieldName } from '../../schema/relations.ts'

/** Words of a dialect by the engine's own, which are those of 0.19. What is not in it has the same name in both. */
export type Words = ReadonlyMap<string, string>

/**
 * The names that a dialect gives to what the engine has. Everything behind the GraphQL types (plans, columns, operators) knows the engine's own names only:
 * `spell` writes the types in a dialect, `canonicalArguments` reads requests back.
 */
export interface Dialect {
  readonly name: DialectName
  /** The engine's own names are its names, so that nothing has to be read back. */
  readonly isCanonical: boolean
  /** What every collection and every commit has, where it is selected, named in an argument, or stands in an enum. */
  readonly fields: Words
  /** What stands at the root beside collections and aggregates. */
  readonly roots: Words
  /** Mutations, by what stands before the name of the collection. */
  readonly mutations: Words
  readonly operators: Words
  /** The fields of a link of a commit. */
  readonly linkFields: Words
  /** What it has no word for, by the engine's own name. */
  readonly absent: ReadonlyMap<string, Absence>
  /** The field that holds the ID of a single relation. */
  idField(relation: string): string
  /** The relation that a field of this name would hold the ID of. */
  relationOf(idField: string): string | undefined
}

/** Something a dialect does not have, for those who ask for it as another one spells it. */
interface Absence {
  /** What stands in the same place. */
  readonly beside: string
  readonly advice: string
}

const NO_WORDS: Words = new Map()

const WHOLE_LISTS: Absence = { beside: '_any', advice: 'a list is filtered by its elements, with "_any", "_all" or "_none"' }

/** Every dialect. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  '0.19': {
    name: '0.19',
    isCanonical: true,
    fields: NO_WORDS,
    roots: NO_WORDS,
    mutations: NO_WORDS,
    operators: NO_WORDS,
    linkFields: NO_WORDS,
    absent: new Map([
      ['_eq[]', WHOLE_LISTS],
      ['_ne[]', WHOLE_LISTS],
    ]),
    idField: (relation) => idFieldName(relation, '0.19'),
    relationOf: (idField) => /^(.+)_id$/.exec(idField)?.[1],
  },
  '1.0': {
    name: '1.0',
    isCanonical: false,
    fields: new Map([
      ['_count', 'COUNT'],
      ['_sum', 'SUM'],
      ['_avg', 'AVG'],
      ['_min', 'MIN'],
      ['_max', 'MAX'],
      ['_group', 'GROUP'],
    ]),
    roots: new Map([['commits', '_commits']]),
    mutations: new Map([['create', 'add']]),
    operators: new Map([
      ['_ne', '_neq'],
      ['_ge', '_geq'],
      ['_le', '_leq'],
      ['_eq[]', '_eq'],
      ['_ne[]', '_neq'],
    ]),
    linkFields: new Map([['name', 'fieldName']]),
    absent: new Map([
      [
        'latestCommits',
        { beside: '_commits', advice: 'ask "_commits" with docID, depth: 1 and fieldName ("_C" is the document as a whole)' },
      ],
    ]),
    idField: (relation) => idFieldName(relation, '1.0'),
    relationOf: (idField) => /^_(.+)ID$/.exec(idField)?.[1],
  },
}
