import type { DocumentHeads } from '../database/replica.ts'

/**
 * Finds out in what two nodes differ. How it asks is its own business: what it says travels as bytes, so a better way to compare replaces this one without
 * a change elsewhere.
 *
 * - Both sides compare, each for itself: a node asks for what it lacks and never pushes.
 * - Cost follows the difference as far as the way of comparing allows. Equal roots mean that nothing is to be exchanged.
 * - The replica may change meanwhile. What changes after a comparison has begun may be found or not; the roots tell afterwards whether something is left.
 */
export interface Reconciler {
  /** A fingerprint of what is here of a collection. Nobody can make two contents with one root. */
  root(collectionId: string): Promise<Uint8Array>
  /**
   * The documents of which the peer has commits that are not here, with these commits' CIDs, page by page. `ask` carries a question to the peer's `answer`.
   * @throws INVALID_MESSAGE when the peer answers nonsense
   */
  lacking(collectionId: string, ask: Ask): AsyncIterable<readonly DocumentHeads[]>
  /** Answers a peer's question. @throws INVALID_MESSAGE when it is none */
  answer(collectionId: string, question: Uint8Array): Promise<Uint8Array>
  close(): void
}

/** Asks one question of a peer. */
export type Ask = (question: Uint8Array) => Promise<Uint8Array>
