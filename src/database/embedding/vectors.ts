import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion, EmbeddingDescription, FieldDescription } from '../../schema/collection-version.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Embedder } from './embedder.ts'

/** A vector that a write needs. */
export interface WantedVector {
  readonly collection: CollectionVersion
  readonly field: FieldDescription
  readonly embedding: EmbeddingDescription
  readonly text: string
}

/** What one attempt at a write knows of vectors. */
export interface Vectors {
  /** The vector of a text. `undefined` when nobody has made it yet: the attempt may go on without it, and comes to nothing. */
  find(wanted: WantedVector): DocumentValue | undefined
  /**
   * Runs the body of a write, which asks for vectors. To be called inside the write, so that a body that missed a vector leaves nothing: it then fails, whether
   * the body succeeded or not, since an error may be one of the missing vector only.
   */
  settle<T>(body: () => Promise<T>): Promise<T>
}

/** For writes of what is no document. */
export const NO_VECTORS: Vectors = { find: () => undefined, settle: (body) => body() }

/** A document that changes faster than vectors can be made is tried as often as a transaction that loses against others. */
const MOST_ROUNDS = 6

/**
 * Runs a write whose vectors have to be made. The write says what it misses by trying, and is tried again with it; vectors are made between two attempts, while
 * nothing waits for this write. A vector belongs to a text, so whatever others change meanwhile, what is stored in the end fits together.
 *
 * @throws EMBEDDING_FAILED; CONFLICT when every attempt found texts that were changed by others since the one before
 */
export async function withVectors<T>(
  embedder: Embedder,
  attempt: (vectors: Vectors) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const made = new Map<string, DocumentValue>()
  for (let round = 1; ; round++) {
    const missing = new Map<string, WantedVector>()
    try {
      return await attempt(lookingIn(made, missing))
    } catch (error) {
      if (!(error instanceof VectorsMissing)) throw error
      if (round === MOST_ROUNDS) throw overtaken(missing)
      for (const [key, vector] of await embedder.make(missing, signal)) made.set(key, vector)
    }
  }
}

function lookingIn(made: ReadonlyMap<string, DocumentValue>, missing: Map<string, WantedVector>): Vectors {
  const complete = (): void => {
    if (missing.size > 0) throw new VectorsMissing()
  }
  return {
    find: (wanted) => {
      const key = JSON.stringify([wanted.collection.versionId, wanted.field.name, wanted.text])
      const vector = made.get(key)
      if (vector === undefined) missing.set(key, wanted)
      return vector
    },
    settle: async (body) => {
      try {
        const result = await body()
        complete()
        return result
      } catch (error) {
        complete()
        throw error
      }
    },
  }
}

/** Leaves a write without storing anything. */
class VectorsMissing extends Error {}

function overtaken(missing: ReadonlyMap<string, WantedVector>): DatabaseError {
  const names = new Set([...missing.values()].map(({ collection, field }) => `"${collection.name}.${field.name}"`))
  const message = `documents changed faster than vectors could be made for ${[...names].join(', ')}; write again when they are at rest`
  return new DatabaseError('CONFLICT', message, {})
}
