import { DatabaseError } from '../errors.ts'
import { quote } from '../util/quote.ts'

/**
 * `Keyring`: private keys by name, kept where only their owner can read them.
 *
 * - What a key is for is none of its business: it keeps bytes. `KNOWN_KEYS` says what the node's own keys look like.
 * - A key is there as a whole or not at all, also when the process dies while it is written. Of two who write one name, one wins.
 * - Nothing is kept in memory: each call reads and writes what is kept, so that keyrings of several processes agree.
 * - No error shows a key or the secret.
 */
export interface Keyring {
  /** `undefined` when there is no key of this name. @throws KEY_UNREADABLE when it cannot be opened; INVALID_ARGUMENT, STORAGE_FAILED */
  get(name: string): Promise<Uint8Array | undefined>
  /** Takes the place of a key that has this name already. @throws INVALID_ARGUMENT, STORAGE_FULL, STORAGE_FAILED; the old key is kept then */
  set(name: string, key: Uint8Array): Promise<void>
  /** The names of all keys, in order. No secret is needed for it. @throws STORAGE_FAILED */
  list(): Promise<readonly string[]>
  /** False when there was no key of this name. @throws INVALID_ARGUMENT, STORAGE_FAILED */
  remove(name: string): Promise<boolean>
}

/** With a suffix for what is beside it while it is written, this stays below the 255 bytes that file systems take. */
const LONGEST_NAME = 100

/** Whether a key can have this name. Names are names of files, on any system: no path, nothing hidden, no dot at the end. */
export function isKeyName(name: string): boolean {
  return name.length <= LONGEST_NAME && /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$/.test(name)
}

/** @throws INVALID_ARGUMENT */
export function checkKeyName(name: string): void {
  if (isKeyName(name)) return
  const form = `at most ${LONGEST_NAME} letters, digits, "-", "_" and ".", with a letter or digit first and no "." last`
  throw new DatabaseError('INVALID_ARGUMENT', `${quote(name)} is no name of a key: it takes ${form}, such as "peer-key"`, {
    argument: 'name',
    value: name,
  })
}
