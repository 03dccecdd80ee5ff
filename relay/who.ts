import type { Connection, Libp2p, Stream } from '@libp2p/interface'

import { messageOf } from '../src/errors.ts'
import { openFrames, type FrameStream } from '../src/network/frames.ts'
import { MAX_KNOWN_PEERS, MAX_PRESENT_PER_FRAME, MAX_WHO_FRAME_BYTES, MAX_WHO_WAITING_BYTES } from '../src/network/limits.ts'
import {
  decodeMessage,
  encodeMessage,
  WHO_MESSAGES,
  WHO_PROTOCOL,
  type Presence,
  type Welcome,
  type WhoMessage,
} from '../src/network/messages.ts'
import { topicKey } from '../src/network/topics.ts'
import { equalBytes } from '../src/util/bytes.ts'
import { systemClock } from '../src/util/clock.ts'
import { createAllowance } from './allowance.ts'
import { MAX_WHO_STREAMS, WHO_BURST, WHO_PATIENCE, WHO_PER_SECOND, WHO_SILENCE } from './options.ts'
import { shortPeer } from './short-peer.ts'
import type { Log, Reason, Tally } from './tally.ts'

/** The who-protocol's server: introduces nodes that share a topic to each other. It knows topics as hashes only, and nothing is kept. */
export interface WhoServer {
  stats(): { readonly topics: number; readonly members: number; readonly dropped: number }
  /** How many topics a peer is in; `undefined` for one that has not joined. */
  topicsOf(peer: string): number | undefined
  close(): Promise<void>
}

export interface WhoParts {
  readonly welcome?: Welcome
  readonly tally?: Pick<Tally, 'note'>
  readonly log?: Log
}

/** A node that has joined. */
interface Member {
  readonly peer: string
  readonly session: Uint8Array
  readonly topics: ReadonlySet<string>
  readonly frames: FrameStream
}

/** Starts to answer nodes of `node`, and tells each at first what the relay offers. */
export async function serveWho(node: Libp2p, parts: WhoParts = {}): Promise<WhoServer> {
  const { welcome = { stunPort: 0, facts: [] }, tally, log } = parts
  const members = new Map<string, Member>()
  const peersByTopic = new Map<string, Set<string>>()
  const open = new Set<FrameStream>()
  const streamsByPeer = new Map<string, number>()
  let dropped = 0

  function sharersOf(peer: string, topics: Iterable<string>): ReadonlySet<string> {
    const sharers = new Set<string>()
    for (const topic of topics) {
      for (const other of peersByTopic.get(topic) ?? []) {
        if (sharers.size >= MAX_KNOWN_PEERS) return sharers
        if (other !== peer) sharers.add(other)
      }
    }
    return sharers
  }

  function join(member: Member): void {
    const { peer, session, topics, frames } = member
    const before = members.get(peer)
    const isSameStream = before?.frames === frames
    // Another session is another run of this node: for the others the old one is gone.
    const stays = before !== undefined && equalBytes(before.session, session)
    if (before !== undefined && !stays) leave(before)
    const knew = before !== undefined && stays ? sharersOf(peer, before.topics) : new Set<string>()
    if (before !== undefined && stays) forget(before)
    members.set(peer, member)
    if (before === undefined) log?.('info', `${shortPeer(peer)} has joined; ${members.size} nodes are here`)
    for (const topic of topics) {
      const peers = peersByTopic.get(topic)
      if (peers === undefined) peersByTopic.set(topic, new Set([peer]))
      else peers.add(peer)
    }
    const knows = sharersOf(peer, topics)
    const come = [...knows].filter((other) => !knew.has(other))
    const gone = [...knew].filter((other) => !knows.has(other))
    for (const other of come) tell(other, 'present', [member])
    for (const other of gone) tell(other, 'gone', [member])
    tell(peer, 'present', presences(isSameStream ? come : [...knows]))
    tell(peer, 'gone', presences(gone))
    if (before !== undefined && !isSameStream) before.frames.close()
  }

  function leave(member: Member): void {
    forget(member)
    log?.('info', `${shortPeer(member.peer)} has left; ${members.size} nodes are here`)
    for (const other of sharersOf(member.peer, member.topics)) tell(other, 'gone', [member])
  }

  function forget(member: Member): void {
    members.delete(member.peer)
    for (const topic of member.topics) {
      const peers = peersByTopic.get(topic)
      peers?.delete(member.peer)
      if (peers?.size === 0) peersByTopic.delete(topic)
    }
  }

  function presences(peers: readonly string[]): readonly Presence[] {
    return peers.flatMap((peer) => members.get(peer) ?? [])
  }

  function tell(peer: string, type: 'present' | 'gone', about: readonly Presence[]): void {
    const frames = members.get(peer)?.frames
    for (let from = 0; from < about.length; from += MAX_PRESENT_PER_FRAME) {
      const peers = about.slice(from, from + MAX_PRESENT_PER_FRAME).map(({ peer, session }) => ({ peer, session }))
      frames?.send(encodeMessage(WHO_MESSAGES, { type, peers }))
    }
  }

  function onStream(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const allowance = createAllowance({ burst: WHO_BURST, perSecond: WHO_PER_SECOND }, systemClock)
    let patience = WHO_PATIENCE

    const streams = (streamsByPeer.get(peer) ?? 0) + 1
    if (streams > MAX_WHO_STREAMS) {
      tally?.note('streams-of-peer', shortPeer(peer))
      return stream.abort(new Error('more streams than are allowed'))
    }
    streamsByPeer.set(peer, streams)

    function drop(reason: string, counted: Reason = 'message-wrong'): void {
      dropped += 1
      tally?.note(counted, `${shortPeer(peer)}: ${reason}`)
      patience -= 1
      if (patience === 0) connection.abort(new Error(`too many wrong messages, the last one: ${reason}`))
    }

    function onFrame(frame: Uint8Array): void {
      if (!allowance.take()) return drop('more messages than are allowed', 'messages-of-peer')
      silence.refresh()
      let message: WhoMessage
      try {
        message = decodeMessage(WHO_MESSAGES, frame)
      } catch (error) {
        return drop(messageOf(error))
      }
      switch (message.type) {
        case 'join':
          return join({ peer, session: message.session, topics: new Set(message.topics.map(topicKey)), frames })
        case 'ping':
          return frames.send(encodeMessage(WHO_MESSAGES, { type: 'pong', number: message.number }))
        case 'present':
        case 'gone':
        case 'pong':
        case 'welcome':
          return drop(`a node sends no "${message.type}"`)
        default:
          message satisfies never
      }
    }

    const frames = openFrames(stream, {
      most: MAX_WHO_FRAME_BYTES,
      mostWaiting: MAX_WHO_WAITING_BYTES,
      clock: systemClock,
      onFrame,
      onClose: () => {
        clearTimeout(silence)
        open.delete(frames)
        const left = (streamsByPeer.get(peer) ?? 1) - 1
        if (left === 0) streamsByPeer.delete(peer)
        else streamsByPeer.set(peer, left)
        // Only the stored stream may remove a member: an old one closes after the new one of a reloaded node has joined.
        const member = members.get(peer)
        if (member?.frames === frames) leave(member)
      },
      onFault: (error) => drop(error.message),
    })
    const silence = setTimeout(() => frames.close(), WHO_SILENCE)
    open.add(frames)
    frames.send(encodeMessage(WHO_MESSAGES, { type: 'welcome', ...welcome }))
  }

  // A relayed connection is between two nodes; nobody meets a relay through a relay.
  // Ours is the lower limit, and counts.
  await node.handle(WHO_PROTOCOL, onStream, { maxInboundStreams: 2 * MAX_WHO_STREAMS, runOnLimitedConnection: false })

  return {
    stats: () => ({ topics: peersByTopic.size, members: members.size, dropped }),
    topicsOf: (peer) => members.get(peer)?.topics.size,
    close: async () => {
      await node.unhandle(WHO_PROTOCOL)
      for (const frames of open) frames.close()
    },
  }
}
