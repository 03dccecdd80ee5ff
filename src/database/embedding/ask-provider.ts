import { messageOf } from '../../errors.ts'
import { concatBytes } from '../../util/bytes.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import { quote } from '../../util/quote.ts'
import type { EmbeddingKeys, EmbedRequest } from './embed.ts'
import type { Provider } from './provider.ts'
import { PROVIDERS } from './providers.ts'

/** A vector of the most dimensions that are taken, each number in full, is some 1.4 MB of JSON. */
export const MOST_ANSWER_BYTES: number = 2 * 1024 * 1024

/** What of an error page a message shows. */
const LONGEST_REASON = 200

/** The answer of a provider, or why there is none. */
export type Answer =
  | { readonly kind: 'answered'; readonly vector: unknown }
  | { readonly kind: 'failed'; readonly reason: string; readonly cause?: unknown }

/** The keys of providers, by how far they may go. */
export interface ProviderKeys {
  /** Keys the application has given: they go to whatever address the schema names. */
  readonly given?: EmbeddingKeys
  /** Keys that happen to be in the environment: they go to the provider's own address only. */
  readonly ambient?: EmbeddingKeys
}

/** Asks the provider that a request names. Rejects only when the signal has fired. */
export async function askProvider(request: EmbedRequest, keys: ProviderKeys): Promise<Answer> {
  const provider = PROVIDERS.find(({ name }) => name === request.provider)
  if (provider === undefined) {
    const names = PROVIDERS.map(({ name }) => name)
    const reason = `there is no such provider${didYouMean(request.provider, names)}; it can be ${names.join(' or ')}, or open the database with a function "embed"`
    return { kind: 'failed', reason }
  }
  const url = addressOf(provider, request.url)
  if (url === undefined) return { kind: 'failed', reason: `${quote(request.url)} is no http address` }
  const key = keyOf(provider, url, keys)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }) },
      body: JSON.stringify(provider.request(request.model, request.text)),
      // Whoever redirects would get the text, which was meant for the address in the schema.
      redirect: 'error',
      signal: request.signal,
    })
    const answer = await readBounded(response)
    if (answer === undefined) return failed(provider, url, `answered with more than ${MOST_ANSWER_BYTES} bytes`)
    if (!response.ok) return failed(provider, url, `answered with status ${response.status}: ${answer.slice(0, LONGEST_REASON)}`)
    return readAnswer(provider, url, answer)
  } catch (error) {
    request.signal.throwIfAborted()
    return failed(provider, url, `did not answer: ${reasonOf(error)}`, error)
  }
}

function keyOf(provider: Provider, url: string, { given, ambient }: ProviderKeys): string | undefined {
  if (provider.key === undefined) return undefined
  return given?.[provider.key] ?? (url === addressOf(provider) ? ambient?.[provider.key] : undefined)
}

/** Where a provider takes requests: `url` with or without the last part of the path. */
function addressOf(provider: Provider, given: string = provider.url): string | undefined {
  const base = given.replace(/\/+$/, '')
  const address = base.endsWith('/embeddings') ? base : `${base}/embeddings`
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? address : undefined
}

/** The body as text; `undefined` when it is too long, and then it is not read to its end. */
async function readBounded({ body }: Response): Promise<string | undefined> {
  if (body === null) return ''
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length
    if (length > MOST_ANSWER_BYTES) {
      await reader.cancel()
      return undefined
    }
    chunks.push(part.value)
  }
  return new TextDecoder().decode(concatBytes(...chunks))
}

function readAnswer(provider: Provider, url: string, answer: string): Answer {
  try {
    return { kind: 'answered', vector: provider.vector(JSON.parse(answer)) }
  } catch (error) {
    return failed(provider, url, `answered with what is no JSON: ${answer.slice(0, LONGEST_REASON)}`, error)
  }
}

function failed(provider: Provider, url: string, what: string, cause?: unknown): Answer {
  return { kind: 'failed', reason: `${url} ${what}; ${provider.advice}`, ...(cause === undefined ? {} : { cause }) }
}

/** `fetch` says little itself; in Node the cause says what went wrong. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause) || String(Reflect.get(Object(cause), 'code'))})`
}
