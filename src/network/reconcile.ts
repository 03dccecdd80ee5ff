import type { DocumentHeads, DocumentLack } from '../database/replica.ts'

/**
 * Finds out in what two nodes differ. How it asks is its own business: what it says travels as bytes, so a better way to compare replaces this one without
 * a change elsewhere.
 *
 * - Whoever wants a collection compares, each for itself: a node asks for what it lacks and never pushes.
 * - Cost follows the difference: some bytes for each document that differs and a round trip for each level of the tree, whatever the collections' size. Equal roots
 *   mean that nothing is to be exchanged.
 * - The replica may change meanwhile. What changes after a comparison has begun may be found or not; the roots tell afterwards whether something is left.
 */
export interface Reconciler {
  /** A fingerprint of what is here of a collection: 32 bytes. Nobody can make two contents with one root. */
  root(collectionId: string): Promise<Uint8Array>
  /**
   * The documents of which the peer has commits that are not here, with these commits' CIDs, page by page. `ask` carries a question to the peer's `answer`.
   * What `seen` knows is passed over; it notes what is compared now.
   * @throws INVALID_MESSAGE when the peer answers nonsense
   */
  lacking(collectionId: string, ask: Ask, seen: Seen): AsyncIterable<readonly DocumentLack[]>
  /** What the peer has of these documents; those it does not have are left out. @throws INVALID_MESSAGE */
  named(ask: Ask, docIds: readonly string[]): Promise<readonly DocumentHeads[]>
  /** Answers a peer's question. @throws INVALID_MESSAGE when it is none */
  answer(collectionId: string, question: Uint8Array): Promise<Uint8Array>
}

/** Asks one question of a peer. */
export type Ask = (question: Uint8Array) => Promise<Uint8Array>

/**
 * What has been fetched of one peer's collection, as fingerprints of that peer. A node that has documents of its own besides never has the peer's root: without this
 * it would look through all of them again whenever the peer changes something.
 */
export interface Seen {
  has(level: SeenLevel, index: number, print: Uint8Array): boolean
  /** Something is being compared. */
  note(level: SeenLevel, index: number, print: Uint8Array): void
  /** All that was noted has been fetched. */
  settle(): void
  /** It has not: what was noted is forgotten. */
  dismiss(): void
}

export type SeenLevel = 'bucket' | 'part'
