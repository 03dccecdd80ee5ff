/*
 * Who keeps a place where there are more peers than connections a node bears. What counts, most first:
 *
 * 1. whom the user has told it to dial or to replicate to: they always have one;
 * 2. how many collections they share with it;
 * 3. whether they are connected directly, or only through a relay;
 * 4. how few others they are connected to. Whoever has nobody else is kept, and one with many others gives its place up, so that the mesh stays in one piece. Each such
 *    exchange makes the numbers of neighbours more even, so it comes to an end;
 * 5. how long they are there.
 *
 * A peer can lie about 2 and 4, and so gets a place that others had: it takes many identities to take them all, and whom the user has named stays.
 */

/** A connected peer, as far as its place is concerned. */
export interface PlaceHolder {
  readonly peer: string
  /** See 1. */
  readonly isKept: boolean
  readonly shared: number
  readonly isDirect: boolean
  /** Others it is connected to. */
  readonly neighbours: number
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** Those that have to go so that there are places for the rest, the least useful first. */
export function withoutPlace(holders: readonly PlaceHolder[], places: number): readonly string[] {
  const excess = Math.max(0, holders.length - places)
  return holders
    .filter(({ isKept }) => !isKept)
    .toSorted(byUse)
    .slice(0, excess)
    .map(({ peer }) => peer)
}

function byUse(a: PlaceHolder, b: PlaceHolder): number {
  return a.shared - b.shared || Number(a.isDirect) - Number(b.isDirect) || b.neighbours - a.neighbours || b.since - a.since
}
