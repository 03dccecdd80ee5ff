import { sha256 } from '../block/sha256.ts'
import { bytesToHex, concatBytes, encodeText } from '../util/bytes.ts'
import { GOSSIP_VERSION, NEIGHBOUR_BYTES } from './messages.ts'

const TOPIC_TAG = encodeText('warren topic 1')
const PEER_TAG = encodeText('warren peer 1')

/**
 * The topic of a collection: a hash, so that a relay learns no schema. Whoever knows the schema can make it too; with a room secret only those who know the
 * secret can.
 */
export function topicOf(collectionId: string, room: string): Uint8Array {
  return sha256(tuple(TOPIC_TAG, encodeText(room), encodeText(collectionId)))
}

/** The name of a topic in maps. */
export function topicKey(topic: Uint8Array): string {
  return bytesToHex(topic)
}

/** The name of a topic in gossipsub. */
export function gossipTopic(topic: Uint8Array): string {
  return `/warren/gossip/${GOSSIP_VERSION}/${bytesToHex(topic)}`
}

/** How a peer is called among neighbours: short, and of no use to somebody who does not know the peer. */
export function neighbourName(peer: string): Uint8Array {
  return sha256(tuple(PEER_TAG, encodeText(peer))).slice(0, NEIGHBOUR_BYTES)
}

/** Each part behind its length: no two lists of parts give the same bytes. */
function tuple(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...parts.flatMap((part) => {
      const length = new Uint8Array(4)
      new DataView(length.buffer).setUint32(0, part.length)
      return [length, part]
    }),
  )
}
