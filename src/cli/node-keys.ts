import { newKeyPair, type KeyPair } from '../identity/key-pair.ts'
import type { KeyType } from '../identity/key-type.ts'
import type { PeerKey } from '../network/peer-key.ts'
import type { Keyring } from '../identity/keyring.ts'
import { NODE_IDENTITY_KEY, nodeIdentityBytes, parseNodeIdentity, parsePeerKey, PEER_KEY } from '../identity/known-keys.ts'
import type { Environment } from './command.ts'
import type { Config } from './config.ts'
import { KEYRING_SECRET, keyringOf } from './keyring.ts'
import type { Logger } from './logger.ts'

export interface NodeKeys {
  /** Absent: the database makes and keeps it. */
  readonly peerKey?: PeerKey
  readonly identity?: KeyPair
}

/**
 * The keys of a node: from the keyring, where those that are missing are made. Without a keyring (`--no-keyring`) they live as long as the process. Without a secret for it the
 * database keeps the peer key, so that a first start works and the peer ID stays; there is no identity then.
 */
export async function nodeKeys(config: Config, env: Environment, log: Logger): Promise<NodeKeys> {
  const type = config['datastore.defaultkeytype']
  if (config['keyring.disabled']) return { peerKey: newKeyPair('ed25519').privateKey, identity: newKeyPair(type) }
  const keyring = await keyringOf(config, env)
  if (keyring === undefined) {
    log.warn(
      `${KEYRING_SECRET} is not set, so there is no keyring: the peer key is kept in the database, unencrypted, and the node has no identity`,
    )
    return {}
  }
  // Keys that cannot be opened show before anything is made.
  const peerKey = await peerKeyIn(keyring)
  return { peerKey: peerKey ?? ((inDatabase) => keptPeerKey(keyring, inDatabase)), identity: await identityIn(keyring, type) }
}

async function peerKeyIn(keyring: Keyring): Promise<Uint8Array | undefined> {
  const kept = await keyring.get(PEER_KEY)
  return kept === undefined ? undefined : parsePeerKey(kept).privateKey
}

/** Keeps the key that the database has had until now, so that the node stays who it is; else a new one. */
async function keptPeerKey(keyring: Keyring, inDatabase: Uint8Array | undefined): Promise<Uint8Array> {
  // Asked again: after a purge the database is opened anew, and has none.
  const known = await peerKeyIn(keyring)
  if (known !== undefined) return known
  const key = inDatabase ?? newKeyPair('ed25519').privateKey
  await keyring.set(PEER_KEY, key)
  return key
}

async function identityIn(keyring: Keyring, type: KeyType): Promise<KeyPair> {
  const kept = await keyring.get(NODE_IDENTITY_KEY)
  if (kept !== undefined) return parseNodeIdentity(kept)
  const made = newKeyPair(type)
  await keyring.set(NODE_IDENTITY_KEY, nodeIdentityBytes(made))
  return made
}
