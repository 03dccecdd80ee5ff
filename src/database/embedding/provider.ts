import type { EmbeddingKeys } from './embed.ts'

/** A service that makes vectors. All of them take a JSON request at `<url>/embeddings`. */
export interface Provider {
  readonly name: string
  /** Where its API is, when the schema does not say. */
  readonly url: string
  /** Which of the keys it is given, if any. */
  readonly key?: keyof EmbeddingKeys
  /** What it wants to be sent. */
  request(model: string, text: string): object
  /** What stands in its answer where the vector should be; it is checked afterwards. */
  vector(answer: unknown): unknown
  /** What to try when it does not answer as it should. */
  readonly advice: string
}

/** A member of something that may be anything. */
export function member(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
