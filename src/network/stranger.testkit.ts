import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'

import { systemClock } from '../util/clock.ts'
import { openFrames, type FrameStream } from './frames.ts'
import { createNodeHost } from './host.node.ts'
import type { HostServices } from './host.ts'
import { createIceServers } from './ice-servers.ts'
import { MAX_FRAME_BYTES, MAX_WAITING_BYTES } from './limits.ts'
import { decodeMessage, encodeMessage, type MessageOf, type MessageTable } from './messages.ts'
import { openStream } from './open-stream.ts'
import { createMemoryReplica } from './replica.testkit.ts'

/** A libp2p node that can speak the protocols, and says what a test wants it to say. */
export interface Stranger extends AsyncDisposable {
  readonly node: Libp2p<HostServices>
  readonly id: string
  /** Dials an address and opens a stream of a protocol. */
  speak<Bodies>(address: string, protocol: string, table: MessageTable<Bodies>): Promise<Conversation<Bodies>>
  close(): Promise<void>
}

export interface Conversation<Bodies> {
  say(message: MessageOf<Bodies>): void
  /** Sends a frame of any bytes. */
  sayBytes(frame: Uint8Array): void
  readonly frames: FrameStream
  /** What the other side has said so far. */
  readonly heard: readonly MessageOf<Bodies>[]
  /** Resolves to the first message for which this is true, said already or later. */
  until(isIt: (message: MessageOf<Bodies>) => boolean): Promise<MessageOf<Bodies>>
  /** Resolves when the other side has ended the stream. */
  readonly ended: Promise<void>
}

/** Starts one; with `leading`, one whose peer ID makes it lead that node, so that it opens the sync stream. */
export async function aStranger({ leading }: { readonly leading?: string } = {}): Promise<Stranger> {
  const privateKey = await keyBefore(leading)
  const { node } = await createNodeHost({
    privateKey,
    relays: 0,
    iceServers: createIceServers([]),
    settings: createMemoryReplica(),
    isRefused: () => false,
  })
  return {
    node,
    id: node.peerId.toString(),
    speak: async (address, protocol, table) => {
      const connection = await node.dial(multiaddr(address))
      return converse(await openStream(connection, protocol, { clock: systemClock, signal: new AbortController().signal }), table)
    },
    close: async () => node.stop(),
    [Symbol.asyncDispose]: async () => node.stop(),
  }
}

/** A key whose peer ID is smaller than another one. */
async function keyBefore(id: string | undefined): Promise<PrivateKey> {
  for (;;) {
    const key = await generateKeyPair('Ed25519')
    if (id === undefined || peerIdFromPrivateKey(key).toString() < id) return key
  }
}

/** Takes over a stream. */
function converse<Bodies>(stream: Parameters<typeof openFrames>[0], table: MessageTable<Bodies>): Conversation<Bodies> {
  const heard: MessageOf<Bodies>[] = []
  const listeners = new Set<() => void>()
  const ended = Promise.withResolvers<void>()
  const frames = openFrames(stream, {
    most: MAX_FRAME_BYTES,
    mostWaiting: MAX_WAITING_BYTES,
    clock: systemClock,
    onFrame: (frame) => {
      heard.push(decodeMessage(table, frame))
      for (const listener of listeners) listener()
    },
    onClose: ended.resolve,
    onFault: () => {},
  })
  return {
    say: (message) => frames.send(encodeMessage(table, message)),
    sayBytes: (frame) => frames.send(frame),
    frames,
    heard,
    ended: ended.promise,
    until: (isIt) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = heard.find(isIt)
          if (found === undefined) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        look()
      }),
  }
}
