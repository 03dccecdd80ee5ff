import { generateKeyPair, generateKeyPairFromSeed, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

import type { Replica } from '../database/replica.ts'
import { DatabaseError } from '../errors.ts'
import { equalBytes } from '../util/bytes.ts'

const SETTING = 'peer-key'

const SEED_BYTES = 32
/** The seed, then the public key: the raw form of libp2p. */
const KEY_BYTES = 64

/** A key, or who is asked for it: with the one that the database has kept, if there is one, so that it can be kept elsewhere from now on. */
export type PeerKey = Uint8Array | ((kept: Uint8Array | undefined) => Promise<Uint8Array>)

/** Checks what can be told at once. The key is a secret and stays out of the error. @throws INVALID_ARGUMENT */
export function checkPeerKey(given: unknown): void {
  if (given === undefined || typeof given === 'function') return
  if (!(given instanceof Uint8Array)) throw invalid('p2p.peerKey is no Uint8Array')
  if (given.length !== SEED_BYTES && given.length !== KEY_BYTES) throw invalid(`p2p.peerKey has ${given.length} bytes`)
}

/**
 * The key that is this node: the one that is `given`, or one that is made once and kept, so that the peer ID survives reloads. Whoever gives a key keeps it himself; the
 * same one that was kept here is removed then. Another one stays: nobody else may have it.
 * @throws INVALID_ARGUMENT when the public half of a given key is not that of its seed
 */
export async function loadPeerKey(replica: Pick<Replica, 'setting' | 'setSetting'>, given?: PeerKey): Promise<PrivateKey> {
  const bytes = await replica.setting(SETTING)
  const kept = bytes === undefined ? undefined : privateKeyFromProtobuf(bytes)
  if (given !== undefined) {
    const key = await readPeerKey(typeof given === 'function' ? await given(kept?.raw) : given)
    if (kept?.equals(key) === true) await replica.setSetting(SETTING, undefined)
    return key
  }
  if (kept !== undefined) return kept
  const key = await generateKeyPair('Ed25519')
  await replica.setSetting(SETTING, privateKeyToProtobuf(key))
  return key
}

async function readPeerKey(given: Uint8Array): Promise<PrivateKey> {
  checkPeerKey(given)
  const key = await generateKeyPairFromSeed('Ed25519', given.slice(0, SEED_BYTES))
  // With another public key the node would have an identity for which it cannot sign.
  if (given.length === KEY_BYTES && !equalBytes(key.raw, given)) {
    throw invalid('the last 32 bytes of p2p.peerKey are not the public key of the first 32')
  }
  return key
}

function invalid(fault: string): DatabaseError {
  const advice = 'give an Ed25519 private key as its seed of 32 bytes, or as 64 bytes, the seed and the public key'
  return new DatabaseError('INVALID_ARGUMENT', `${fault}; ${advice}`, { argument: 'p2p.peerKey' })
}
