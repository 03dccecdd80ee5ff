import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

import type { Replica } from '../src/database/replica.ts'
import { DatabaseError, messageOf } from '../src/errors.ts'

const FILE = 'relay-key'

/**
 * The key in `directory`, made at the first start: a relay keeps its peer ID, or the addresses people have saved would end.
 * @throws CORRUPT_DATA when the file holds no key
 */
export async function loadIdentity(directory: string): Promise<PrivateKey> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, FILE)
  const kept = await readIfThere(path)
  if (kept === undefined) return createIdentity(path)
  try {
    return privateKeyFromProtobuf(kept)
  } catch (error) {
    const advice = `"${path}" holds no relay key (${messageOf(error)}); restore it, or remove it to start with a new peer ID`
    throw new DatabaseError('CORRUPT_DATA', advice, { what: path }, { cause: error })
  }
}

/** What else makes the relay's addresses, as files beside its key; without a directory it is kept in memory. */
export function settingsIn(directory: string | undefined): Pick<Replica, 'setting' | 'setSetting'> {
  const inMemory = new Map<string, Uint8Array>()
  return {
    setting: async (name) => (directory === undefined ? inMemory.get(name) : readIfThere(join(directory, name))),
    setSetting: async (name, value) => {
      if (value === undefined) throw new DatabaseError('UNSUPPORTED', 'a relay forgets nothing', { feature: 'removing a setting' })
      if (directory === undefined) inMemory.set(name, value)
      else await writeNew(join(directory, name), value)
    },
  }
}

async function createIdentity(path: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519')
  await writeNew(path, privateKeyToProtobuf(key))
  return key
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  // `wx`: two relays started at the same moment must not each take a key of their own. Only its owner may read it.
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
