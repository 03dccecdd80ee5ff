/** Where a part of the program has its random numbers from, so that a test can have them again. */
export interface Randomness {
  /** A number from 0 up to 1, without it. */
  fraction(): number
  bytes(length: number): Uint8Array
}

/** What this machine throws. */
export const systemRandomness: Randomness = {
  fraction: () => Math.random(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
}
