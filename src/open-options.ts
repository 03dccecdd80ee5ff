import type { Embed, EmbeddingKeys } from './database/embedding/embed.ts'
import { DatabaseError } from './errors.ts'
import type { P2POptions } from './network/options.ts'
import { completeLimits, type QueryLimits } from './query/limits.ts'
import { DIALECT_NAMES, type DialectName } from './schema/dialect-name.ts'
import type { Durability } from './storage/store.ts'
import { didYouMean } from './util/did-you-mean.ts'

/** How a database is opened. */
export interface OpenOptions {
  /** Browser: the IndexedDB database. Node: a folder under the root directory. Letters, digits, `.`, `_` and `-`. Default 'warren'. */
  readonly name?: string
  /** Node only: the folder itself, instead of `name`. */
  readonly path?: string
  /** Default 'persistent'. */
  readonly storage?: 'persistent' | 'memory'
  /** 'relaxed' survives the crash of the page or process, 'strict' also one of the machine. Default 'relaxed'. */
  readonly durability?: Durability
  /** SDL; types that are not there yet are added. */
  readonly schema?: string
  /** How requests, schema texts and filters are spelled: as in DefraDB 0.19 or as in 1.0. Nothing stored depends on it. Default '0.19'. */
  readonly dialect?: DialectName
  /** `false` for a database without network. Default: on, with no relay until one is given. */
  readonly p2p?: false | P2POptions
  /** Makes the vectors of `@embedding` fields. Default: what the field's provider (`ollama` or `openai`) answers over HTTP. */
  readonly embed?: Embed
  /** Keys of providers, sent to the address in the schema. In Node `OPENAI_API_KEY` stands in, for OpenAI's own address. Unused with `embed`. */
  readonly embeddingKeys?: EmbeddingKeys
  /** Browser only. 'separate': every tab is a node of its own, with its own documents and peer ID, kept over reloads. */
  readonly tabs?: 'separate'
  /** How much one request may ask for, where the defaults do not fit: `{ resultDocuments: 10_000 }`. A request beyond fails with LIMIT_EXCEEDED. */
  readonly queryLimits?: Partial<QueryLimits>
  /** Gives up opening. */
  readonly signal?: AbortSignal
}

/** The options with their defaults. */
export type CheckedOptions = Required<Pick<OpenOptions, 'name' | 'storage' | 'durability' | 'dialect' | 'p2p'>> & {
  readonly queryLimits: QueryLimits
} & Pick<OpenOptions, 'path' | 'schema' | 'tabs' | 'signal' | 'embed' | 'embeddingKeys'>

/** What may stand for each option that is one of a few words. */
const CHOICES = {
  storage: ['persistent', 'memory'],
  durability: ['relaxed', 'strict'],
  dialect: DIALECT_NAMES,
  tabs: ['separate'],
} as const

const KNOWN: readonly (keyof OpenOptions)[] = [
  'name',
  'path',
  'storage',
  'durability',
  'schema',
  'dialect',
  'p2p',
  'embed',
  'embeddingKeys',
  'tabs',
  'queryLimits',
  'signal',
]

/** Checks options that may come from plain JavaScript. @throws INVALID_ARGUMENT naming the option and what it may be */
export function checkOptions(options: OpenOptions): CheckedOptions {
  for (const option of Object.keys(options)) {
    if (!KNOWN.some((known) => known === option))
      throw invalid(option, undefined, `there is no option "${option}"${didYouMean(option, KNOWN)}`)
  }
  for (const [option, choices] of Object.entries(CHOICES)) {
    const value: unknown = Reflect.get(options, option)
    if (value !== undefined && !choices.some((choice) => choice === value)) {
      throw invalid(option, value, `${option} is ${quote(value)}; it can be ${choices.map(quote).join(' or ')}`)
    }
  }
  const { name = 'warren', storage = 'persistent', durability = 'relaxed', dialect = '0.19', p2p = {}, queryLimits = {}, ...rest } = options
  if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name) || /^\.+$/.test(name)) {
    throw invalid('name', name, `name is ${quote(name)}; it can have 1 to 100 letters, digits, ".", "_" and "-"`)
  }
  if (typeof queryLimits !== 'object' || queryLimits === null || Array.isArray(queryLimits)) {
    throw invalid(
      'queryLimits',
      queryLimits,
      `queryLimits is ${quote(queryLimits)}; it is an object of limits such as { resultDocuments: 10000 }`,
    )
  }
  const { embed, embeddingKeys }: { readonly embed?: unknown; readonly embeddingKeys?: unknown } = rest
  if (embed !== undefined && typeof embed !== 'function') {
    throw invalid('embed', embed, `embed is ${quote(embed)}; it takes a function that makes the vector of a text`)
  }
  if (embeddingKeys !== undefined && !areKeys(embeddingKeys)) {
    // The value is a secret and stays out of the error.
    throw invalid('embeddingKeys', undefined, 'embeddingKeys takes an object with the key of a provider, such as { openai: "…" }')
  }
  return { name, storage, durability, dialect, p2p, queryLimits: completeLimits(queryLimits), ...rest }
}

function areKeys(given: unknown): given is EmbeddingKeys {
  if (typeof given !== 'object' || given === null) return false
  return Object.entries(given).every(([name, key]) => name === 'openai' && (key === undefined || typeof key === 'string'))
}

function invalid(argument: string, value: unknown, message: string): DatabaseError {
  return new DatabaseError('INVALID_ARGUMENT', message, { argument, value })
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}
