import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

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

async function createIdentity(path: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519')
  // `wx`: two relays started at the same moment must not each take a key of their own. Only its owner may read it.
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(privateKeyToProtobuf(key))
    await file.sync()
  } finally {
    await file.close()
  }
  return key
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
