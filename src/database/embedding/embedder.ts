import { parseDocument } from '../../document/document-input.ts'
import { isList } from '../../document/json-value.ts'
import { DatabaseError, isFailure, messageOf } from '../../errors.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { quote } from '../../util/quote.ts'
import { askProvider, type ProviderKeys } from './ask-provider.ts'
import type { Embed, EmbedRequest } from './embed.ts'
import type { WantedVector } from './vectors.ts'

/** Makes the vectors of a database. */
export interface Embedder {
  /** Makes these vectors and gives each under its key; all or none. @throws EMBEDDING_FAILED, ABORTED, CLOSED */
  make(wanted: ReadonlyMap<string, WantedVector>, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, DocumentValue>>
  /** Ends what is under way; whoever waits for it gets an error. */
  close(): void
}

/** How a database makes vectors: by a function of the application, or else by the providers that are known here. */
export interface EmbedderOptions {
  readonly embed?: Embed
  readonly keys?: ProviderKeys
  /** Milliseconds that one vector may take. */
  readonly timeout?: number
}

/** A model that has to be loaded from disk first takes tens of seconds; what takes longer than this does not come. */
const LONGEST_WAIT = 60_000

/** Hides the way to the service; one that runs on the own machine gains nothing from more. */
const MADE_AT_ONCE = 4

/** Today's largest models make some four thousand. */
const MOST_DIMENSIONS = 65_536

export function createEmbedder({ embed, keys = {}, timeout = LONGEST_WAIT }: EmbedderOptions = {}): Embedder {
  const closing = new AbortController()

  async function makeOne(wanted: WantedVector, given: AbortSignal): Promise<DocumentValue> {
    const late = AbortSignal.timeout(timeout)
    const signal = AbortSignal.any([given, late])
    const { collection, field, embedding, text } = wanted
    const { provider, model, url } = embedding
    const request = { provider, model, ...(url === undefined ? {} : { url }), text, collection: collection.name, field: field.name, signal }
    const asked = embed === undefined ? askKnown(request, wanted) : askFunction(embed, request, wanted)
    try {
      return checkVector(await Promise.race([asked, rejected(signal)]), wanted)
    } catch (error) {
      given.throwIfAborted()
      if (late.aborted) throw failed(wanted, `there was no answer within ${timeout} ms`, error)
      throw error
    }
  }

  async function askKnown(request: EmbedRequest, wanted: WantedVector): Promise<unknown> {
    const answer = await askProvider(request, keys)
    if (answer.kind === 'failed') throw failed(wanted, answer.reason, answer.cause)
    return answer.vector
  }

  return {
    make: async (wanted, signal) => {
      const ending = new AbortController()
      const any = AbortSignal.any([ending.signal, closing.signal, ...(signal === undefined ? [] : [signal])])
      const made = new Map<string, DocumentValue>()
      const waiting = wanted.entries()
      const work = async (): Promise<void> => {
        for (const [key, one] of waiting) {
          any.throwIfAborted()
          made.set(key, await makeOne(one, any))
        }
      }
      try {
        await Promise.all(Array.from({ length: MADE_AT_ONCE }, work))
        return made
      } catch (error) {
        if (closing.signal.aborted) throw closed()
        if (signal?.aborted === true) throw aborted(signal)
        throw error
      } finally {
        // One failed: the others are not wanted any more.
        ending.abort()
      }
    },
    close: () => closing.abort(),
  }
}

async function askFunction(embed: Embed, request: EmbedRequest, wanted: WantedVector): Promise<unknown> {
  try {
    return await embed(request)
  } catch (error) {
    throw failed(wanted, `the function "embed" failed: ${messageOf(error)}`, error)
  }
}

/** A promise that rejects when the signal fires, so that nobody waits for what does not listen to it. */
function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** The vector as a value of its field. @throws EMBEDDING_FAILED when it is none */
function checkVector(answer: unknown, wanted: WantedVector): DocumentValue {
  const { collection, field } = wanted
  const isVector = Array.isArray(answer) || answer instanceof Float32Array || answer instanceof Float64Array
  const vector: readonly unknown[] = isVector ? Array.from<unknown>(answer) : []
  if (vector.length === 0) throw failed(wanted, `the answer has no vector, but ${quote(answer)}`)
  if (vector.length > MOST_DIMENSIONS)
    throw failed(wanted, `a vector of ${vector.length} numbers is longer than the ${MOST_DIMENSIONS} it may have`)
  try {
    const value = parseDocument(collection, { [field.name]: vector }, 'update').get(field.name) ?? null
    // Read as a value of the field: what is too large for 32 bits is infinite there.
    const stray = isList(value) ? value.find((number) => !Number.isFinite(number)) : undefined
    if (stray !== undefined) throw failed(wanted, `a vector consists of finite numbers; one of its elements is ${quote(stray)}`)
    return value
  } catch (error) {
    if (isFailure(error, 'INVALID_DOCUMENT')) throw failed(wanted, error.message, error)
    throw error
  }
}

function failed({ collection, field, embedding }: WantedVector, reason: string, cause?: unknown): DatabaseError<'EMBEDDING_FAILED'> {
  const { provider, model, url } = embedding
  const what = `the vector "${field.name}" of "${collection.name}" could not be made by provider "${provider}", model "${model}"`
  const message = `${what}: ${reason}. Nothing was written; you can also write the vector yourself`
  const details = { collection: collection.name, field: field.name, provider, model, ...(url === undefined ? {} : { url }) }
  return new DatabaseError('EMBEDDING_FAILED', message, details, cause === undefined ? {} : { cause })
}

function closed(): DatabaseError<'CLOSED'> {
  return new DatabaseError('CLOSED', 'the database was closed while a vector was made for a write; nothing of it was written', {
    what: 'database',
  })
}

function aborted(signal: AbortSignal): DatabaseError<'ABORTED'> {
  return new DatabaseError(
    'ABORTED',
    'a write was aborted while a vector was made for it',
    { operation: 'a write' },
    { cause: signal.reason },
  )
}
