import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { compactDecrypt, CompactEncrypt } from 'jose'

import { DatabaseError, messageOf } from '../errors.ts'
import { encodeText } from '../util/bytes.ts'
import { quote } from '../util/quote.ts'
import { checkKeyName, isKeyName, type Keyring } from './keyring.ts'

/** As in DefraDB: PBKDF2 with HMAC-SHA-512 makes of the secret the key that wraps the key of the content. */
const KEY_MANAGEMENT = 'PBES2-HS512+A256KW'
const CONTENT_ENCRYPTION = 'A256GCM'

/**
 * What OWASP asks of PBKDF2 with HMAC-SHA-512 (2023), some 0.1 s for each key: secrets are passphrases, and whoever has the file can guess as fast as he can compute.
 * DefraDB writes fewer and may read no more than 10 000, so a keyring that it is to open is written with these.
 */
const ITERATIONS = 210_000
/** The count stands in the file, before anything in it is proven to be right: more than a second's work is somebody's attempt to keep the process busy. */
const MOST_ITERATIONS = 1_000_000

/** Far above any key: what is larger is no key, but a file that was taken for one. */
const MOST_KEY_BYTES = 65_536

const ONLY_THE_OWNER = { folder: 0o700, file: 0o600 } as const

/**
 * DefraDB's file keyring: a folder with one file for each key, named like the key, and in it a JWE in the compact serialization (RFC 7516), encrypted with a secret
 * (RFC 7518, 4.8). The files of DefraDB can be read. The folder is made with the first key; one that is there keeps the rights it has, the files are their owner's only.
 *
 * @throws INVALID_ARGUMENT when the secret is empty
 */
export function openKeyring({
  folder,
  secret,
  iterations = ITERATIONS,
}: {
  readonly folder: string
  readonly secret: string
  readonly iterations?: number
}): Keyring {
  if (secret === '') {
    const message = `the secret of the keyring in "${folder}" is empty: give a passphrase that nobody can guess, the same each time`
    throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'secret' })
  }
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > MOST_ITERATIONS) {
    const message = `iterations takes a whole number from 1 to ${MOST_ITERATIONS}, not ${quote(iterations)}`
    throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'iterations', value: iterations })
  }
  const secretBytes = encodeText(secret)
  const fileOf = (name: string): string => {
    checkKeyName(name)
    return join(folder, name)
  }

  return {
    get: async (name) => {
      const file = fileOf(name)
      const text = await orUndefined(readFile(file, 'latin1'), 'read', file)
      return text === undefined ? undefined : decrypt(text.trim(), secretBytes, { name, file })
    },
    set: async (name, key) => {
      const file = fileOf(name)
      if (key.length === 0 || key.length > MOST_KEY_BYTES) {
        const message = `a key has 1 to ${MOST_KEY_BYTES} bytes; that for "${name}" has ${key.length}`
        throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'key' })
      }
      const text = await new CompactEncrypt(key)
        .setProtectedHeader({ alg: KEY_MANAGEMENT, enc: CONTENT_ENCRYPTION })
        .setKeyManagementParameters({ p2c: iterations })
        .encrypt(secretBytes)
      try {
        await mkdir(folder, { recursive: true, mode: ONLY_THE_OWNER.folder })
        await replaceFile(folder, name, text)
      } catch (error) {
        throw storageFailure(error, 'write', file)
      }
    },
    list: async () => {
      const entries = await orUndefined(readdir(folder, { withFileTypes: true }), 'list', folder)
      // Where secrets are mounted into a container, they are links.
      const files = (entries ?? []).filter((entry) => entry.isFile() || entry.isSymbolicLink())
      return files
        .map(({ name }) => name)
        .filter(isKeyName)
        .toSorted()
    },
    remove: async (name) => {
      const file = fileOf(name)
      const removed = await orUndefined(
        rm(file).then(() => true),
        'remove',
        file,
      )
      return removed ?? false
    },
  }
}

async function decrypt(text: string, secret: Uint8Array, { name, file }: { name: string; file: string }): Promise<Uint8Array> {
  try {
    const { plaintext } = await compactDecrypt(text, secret, {
      keyManagementAlgorithms: [KEY_MANAGEMENT],
      contentEncryptionAlgorithms: [CONTENT_ENCRYPTION],
      maxPBES2Count: MOST_ITERATIONS,
    })
    return plaintext
  } catch (error) {
    const advice = 'give the secret it was written with, or put back a copy of the file'
    throw new DatabaseError(
      'KEY_UNREADABLE',
      `the key "${name}" cannot be opened: ${faultOf(error)} (${file}); ${advice}`,
      { name, file },
      {
        cause: error,
      },
    )
  }
}

/** One code stands for the wrong secret and for changed bytes alike, which cannot be told from each other; the others say that it is no such file. */
function faultOf(error: unknown): string {
  return codeOf(error) === 'ERR_JWE_DECRYPTION_FAILED'
    ? 'it was written with another secret, or its file is damaged'
    : `its file is no key of a keyring: ${messageOf(error)}`
}

/** Writes beside the file and then over it, so that whoever reads, and whoever starts after a crash, finds the old key or the new one. */
async function replaceFile(folder: string, name: string, text: string): Promise<void> {
  const beside = join(folder, `.${name}.${randomUUID()}.tmp`)
  try {
    const handle = await open(beside, 'wx', ONLY_THE_OWNER.file)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, join(folder, name))
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes the new name last. Systems that cannot open a folder, such as Windows, keep names by themselves. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The key is written; only a crash of the machine in this moment could bring the old one back.
  }
}

/** What an operation on files gives, `undefined` when what it names is not there. @throws STORAGE_FAILED */
async function orUndefined<T>(work: Promise<T>, operation: string, path: string): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw storageFailure(error, operation, path)
  }
}

function storageFailure(error: unknown, operation: string, path: string): DatabaseError {
  if (codeOf(error) === 'ENOSPC') {
    return new DatabaseError('STORAGE_FULL', `"${path}" cannot be written, the disk is full: make room for it`, {}, { cause: error })
  }
  const message = `the keyring cannot ${operation} "${path}": ${messageOf(error)}; check who owns it and may use it`
  return new DatabaseError('STORAGE_FAILED', message, { operation: `${operation} of the keyring` }, { cause: error })
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
