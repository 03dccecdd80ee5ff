/** A text of which a vector is wanted, and where the vector goes. */
export interface EmbedRequest {
  /** As `@embedding` has it: `ollama`, `openai`, or whatever your own function knows. */
  readonly provider: string
  readonly model: string
  /** Where the provider answers, when `@embedding` says so. */
  readonly url?: string
  /** The values of the fields that are embedded, one a line, or the template with the values in it. */
  readonly text: string
  readonly collection: string
  /** The field that gets the vector. */
  readonly field: string
  /** Fires when the caller of the write gives up, the database closes, or time is up. */
  readonly signal: AbortSignal
}

/**
 * Makes the vector of a text: finite numbers, as many as the field must have. Called before the write takes its turn, for one write several at a time, and again
 * when a document was changed by somebody else meanwhile; so it must have no effect but its result. When it rejects, nothing is written.
 */
export type Embed = (request: EmbedRequest) => Promise<readonly number[] | Float32Array>

/** Keys of providers that want one. */
export interface EmbeddingKeys {
  readonly openai?: string
}
