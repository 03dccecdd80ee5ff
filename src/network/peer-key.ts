import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

import type { Replica } from '../database/replica.ts'

const SETTING = 'peer-key'

/** The key that is this node: made once and kept, so that the peer ID survives reloads. */
export async function loadPeerKey(replica: Pick<Replica, 'setting' | 'setSetting'>): Promise<PrivateKey> {
  const kept = await replica.setting(SETTING)
  if (kept !== undefined) return privateKeyFromProtobuf(kept)
  const key = await generateKeyPair('Ed25519')
  await replica.setSetting(SETTING, privateKeyToProtobuf(key))
  return key
}
