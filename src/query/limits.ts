import { DatabaseError } from '../errors.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { quote } from '../util/quote.ts'

/** How much one request may ask for. A request that asks for more is refused with LIMIT_EXCEEDED before it does harm. */
export interface QueryLimits {
  /** Words and signs of the text. */
  readonly textTokens: number
  /** Selections inside one another; those of introspection do not count. */
  readonly selectionDepth: number
  /** Selected fields in all, each fragment counted wherever it is used. */
  readonly selections: number
  /** Fields selected under another name, in all. */
  readonly aliases: number
  /** Fields at the root: so many queries or mutations in one request. */
  readonly rootFields: number
  /** Lists of fields, types and arguments inside one another in introspection. */
  readonly introspectionDepth: number
  /** Objects inside one another in one filter. */
  readonly filterDepth: number
  /** Conditions in one filter. */
  readonly filterConditions: number
  /** Elements of the lists in one filter, and document IDs in one argument. */
  readonly listElements: number
  /** Keys of one order. */
  readonly orderKeys: number
  /** Objects and lists inside one another in arguments and variables. */
  readonly inputDepth: number
  /** Documents that pass through the request: read, related, grouped, each counted wherever it stands. */
  readonly rows: number
  /** Documents that one response shows, related ones included. */
  readonly resultDocuments: number
}

/** The limits of a database that was opened without others, each with its reason: no honest request comes near. */
export const QUERY_LIMITS: QueryLimits = {
  // A request that creates some ten thousand documents has this many; beyond it is nonsense or an attack.
  textTokens: 2_000_000,
  // What people write by hand stays below ten. Each level of relations can multiply the documents shown.
  selectionDepth: 20,
  // Screens select some hundred fields. Fragments inside fragments double with each line of the text, so they are counted where they are used.
  selections: 10_000,
  // Requests that create documents by the hundred name each; nobody names a thousand.
  aliases: 1_000,
  rootFields: 1_000,
  // Tools ask for the arguments of the fields of types, and for the members of those. Each level multiplies by the size of the schema.
  introspectionDepth: 6,
  // Programs that fold a list of conditions into pairs nest one level for each. Compiling calls itself once a level.
  filterDepth: 64,
  // Each is asked of every document that is read.
  filterConditions: 1_000,
  // 2 MB of document IDs.
  listElements: 50_000,
  // Each is a value of every document held beside it while it is ordered.
  orderKeys: 32,
  // JSON values have up to 128 levels and stand a few levels inside a document of an input. Reading calls itself once a level.
  inputDepth: 160,
  // Forty times a large collection. What is held of each beyond its first time is a reference.
  rows: 10_000_000,
  // Some hundred megabytes: more than a page can show, less than what ends it. Relations of relations get there with few documents.
  resultDocuments: 1_000_000,
}

/** What there is too much of, and another way to what was wanted. */
const WORDS: Readonly<Record<keyof QueryLimits, readonly [what: string, advice: string]>> = {
  textTokens: ['the text has too many tokens', 'send documents in variables, or in several requests'],
  selectionDepth: ['the selections are nested too deeply', 'ask for less at once'],
  selections: ['too many fields are selected', 'select fewer fields, or use fewer fragments inside fragments'],
  aliases: ['too many fields are selected under other names', 'use variables, or several requests'],
  rootFields: ['too many fields are selected at the root', 'use one field for many documents, or several requests'],
  introspectionDepth: ['the introspection is nested too deeply', 'ask for one type after the other'],
  filterDepth: ['the filter is nested too deeply', 'join conditions in one list of _and or _or'],
  filterConditions: ['the filter has too many conditions', 'use _in for many values'],
  listElements: ['the lists to look in are too long', 'ask in several requests'],
  orderKeys: ['the order has too many keys', 'order by fewer fields'],
  inputDepth: ['an argument or variable is nested too deeply', 'flatten the value'],
  rows: ['too many documents are related to one another', 'filter the related documents'],
  resultDocuments: ['the result shows too many documents', 'ask for a page with limit and offset'],
}

/** The given limits, and the defaults of the others. @throws INVALID_ARGUMENT naming the limit and what it may be */
export function completeLimits(given: object): QueryLimits {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(given)
  for (const [name, value] of entries) {
    const argument = `queryLimits.${name}`
    if (!Object.hasOwn(QUERY_LIMITS, name)) {
      const known = Object.keys(QUERY_LIMITS)
      const advice = didYouMean(name, known) || `; there are ${known.join(', ')}`
      throw new DatabaseError('INVALID_ARGUMENT', `there is no limit "${name}"${advice}`, { argument, value })
    }
    if (value !== undefined && !(typeof value === 'number' && value >= 1 && (Number.isSafeInteger(value) || value === Infinity))) {
      const message = `${argument} is ${quote(value)}; it can be a whole number from 1, or Infinity for none`
      throw new DatabaseError('INVALID_ARGUMENT', message, { argument, value })
    }
  }
  return { ...QUERY_LIMITS, ...Object.fromEntries(entries.filter(isNumber)) }
}

/** The error of a request that goes beyond a limit. */
export function limitExceeded(limit: keyof QueryLimits, { [limit]: allowed }: QueryLimits, found: number): DatabaseError<'LIMIT_EXCEEDED'> {
  const [what, advice] = WORDS[limit]
  const message = `${what}: found ${found.toLocaleString('en')}, allowed ${allowed.toLocaleString('en')}; ${advice}, or open the database with queryLimits: { ${limit}: … }`
  return new DatabaseError('LIMIT_EXCEEDED', message, { limit, allowed, found })
}

function isNumber(entry: readonly [string, unknown]): entry is readonly [string, number] {
  return typeof entry[1] === 'number'
}
