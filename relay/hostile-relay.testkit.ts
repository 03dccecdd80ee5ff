import {
  circuitRelayServer,
  RELAY_V2_STOP_CODEC,
  type CircuitRelayServerComponents,
  type CircuitRelayService,
} from '@libp2p/circuit-relay-v2'
import { generateKeyPair, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { StreamMessageEvent, type Connection, type PeerId, type Stream, type StreamHandler } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'

import { openFrames, type FrameStream } from '../src/network/frames.ts'
import { MAX_WAITING_BYTES, MAX_WHO_FRAME_BYTES } from '../src/network/limits.ts'
import {
  decodeMessage,
  encodeMessage,
  SESSION_BYTES,
  WHO_MESSAGES,
  WHO_PROTOCOL,
  type Presence,
  type WhoMessage,
} from '../src/network/messages.ts'
import { repairedYamux } from '../src/network/stream-muxer.ts'
import { topicKey } from '../src/network/topics.ts'
import { repairedWebSockets } from '../src/network/web-sockets.ts'
import { systemClock } from '../src/util/clock.ts'

/** A real relay that misbehaves on purpose, and records everything it gets to see. */
export interface HostileRelay {
  readonly peerId: string
  readonly addresses: readonly string[]
  /** Pieces that came through circuits and as who-messages, in the order in which they came. */
  readonly recorded: readonly Uint8Array[]
  /** Circuits that nodes have asked for. */
  readonly asked: readonly { readonly from: string; readonly to: string }[]
  /** How often its mischief has been done. */
  readonly done: number
}

/** What a relay does that it may not do. Where nothing is said it does as it should. */
export interface Mischief {
  /** Port of STUN that it tells. */
  readonly stunPort?: number
  /** Whom it names to a member that has just joined; `sharing` are the others with a topic of its. */
  readonly introduce?: (member: Member, sharing: readonly Member[], all: readonly Member[]) => readonly Presence[]
  /** Called a hundred times a second for each member. */
  readonly pester?: (member: Member, all: readonly Member[]) => void
  /** What arrives instead of a piece of a circuit. */
  readonly pass?: (piece: Uint8Array, passage: Passage) => readonly Uint8Array[]
  /** With whom it connects a node that has asked for another. */
  readonly route?: (from: string, to: string, all: readonly Member[]) => string
  /** As whom it announces the node that asks for a circuit. */
  readonly announce?: (from: string, all: readonly Member[]) => string
}

/** A node that has joined. */
export interface Member extends Presence {
  readonly topics: ReadonlySet<string>
  say(message: WhoMessage): void
  /** Sends a frame of any bytes. */
  sayBytes(frame: Uint8Array): void
}

/** One direction of one circuit. */
export interface Passage {
  /** How many pieces have come before this one. The first carry the names of protocols and the handshake of Noise. */
  readonly index: number
  /** The pieces that have come before, in all circuits. */
  readonly before: readonly Uint8Array[]
}

/** How often members are pestered. */
const PESTER_EVERY = 10

/** Runs one on this machine, until the test has ended. */
export async function aHostileRelay(mischief: Mischief): Promise<HostileRelay> {
  const recorded: Uint8Array[] = []
  const passed: Uint8Array[] = []
  const asked: { readonly from: string; readonly to: string }[] = []
  const members = new Map<string, Member>()
  let done = 0
  const all = (): readonly Member[] => [...members.values()]

  /** Changes what arrives. It is the library that listens, so that what comes is changed on the way to it. */
  function tamper(stream: Stream): void {
    const dispatch = stream.dispatchEvent.bind(stream)
    let index = -1
    const changing: Stream['dispatchEvent'] = (event) => {
      if (!(event instanceof StreamMessageEvent)) return dispatch(event)
      index += 1
      // The first one is between the node and the relay: the request for the circuit, or the consent to it.
      if (index === 0) return dispatch(event)
      const piece = event.data instanceof Uint8Array ? event.data : event.data.subarray()
      const pieces = mischief.pass?.(piece, { index: index - 1, before: passed }) ?? [piece]
      recorded.push(piece.slice())
      passed.push(piece.slice())
      if (pieces.length !== 1 || pieces[0] !== piece) done += 1
      return pieces.every((instead) => dispatch(new StreamMessageEvent(instead)))
    }
    Object.defineProperty(stream, 'dispatchEvent', { value: changing })
  }

  function misnamed(connection: Connection): Connection {
    const { announce } = mischief
    if (announce === undefined) return connection
    return withMember(connection, 'remotePeer', () => {
      const name = announce(connection.remotePeer.toString(), all())
      done += 1
      return peerIdFromString(name)
    })
  }

  function circuits(components: CircuitRelayServerComponents): CircuitRelayService {
    const { registrar, connectionManager, connectionGater, peerStore, addressManager, peerId, privateKey, logger } = components
    let source = ''
    const handle: typeof registrar.handle = (protocol, handler, options) => {
      const tampering: StreamHandler = (stream, connection) => {
        tamper(stream)
        return handler(stream, misnamed(connection))
      }
      return registrar.handle(protocol, tampering, options)
    }
    const getConnections = (wanted?: PeerId): Connection[] => {
      if (wanted === undefined || mischief.route === undefined) return connectionManager.getConnections(wanted).map(outgoing)
      const instead = mischief.route(source, wanted.toString(), all())
      if (instead !== wanted.toString()) done += 1
      return connectionManager.getConnections(peerIdFromString(instead)).map(outgoing)
    }
    const outgoing = (connection: Connection): Connection => {
      const newStream: Connection['newStream'] = async (protocols, options) => {
        const stream = await connection.newStream(protocols, options)
        if (protocols === RELAY_V2_STOP_CODEC) tamper(stream)
        return stream
      }
      return withMember(connection, 'newStream', () => newStream)
    }
    return circuitRelayServer({ reservations: { maxReservations: 1000, defaultDataLimit: 2n ** 32n, defaultDurationLimit: 3_600_000 } })({
      registrar: withMember(registrar, 'handle', () => handle),
      connectionManager: withMember(connectionManager, 'getConnections', () => getConnections),
      connectionGater: {
        ...connectionGater,
        denyOutboundRelayedConnection: (from, to) => {
          source = from.toString()
          asked.push({ from: source, to: to.toString() })
          return false
        },
      },
      peerStore,
      addressManager,
      peerId,
      privateKey,
      logger,
    })
  }

  const node = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [repairedWebSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [repairedYamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: Number.MAX_SAFE_INTEGER },
    services: { identify: identify(), ping: ping(), circuit: circuits },
  })

  function onWho(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const frames: FrameStream = openFrames(stream, {
      most: MAX_WHO_FRAME_BYTES,
      mostWaiting: MAX_WAITING_BYTES,
      clock: systemClock,
      onFrame: (frame) => {
        recorded.push(frame.slice())
        const message = decodeMessage(WHO_MESSAGES, frame)
        if (message.type === 'ping') member(new Uint8Array(), []).say({ type: 'pong', number: message.number })
        if (message.type === 'join') join(member(message.session, message.topics))
      },
      onClose: () => members.delete(peer),
      onFault: () => {},
    })
    const member = (session: Uint8Array, topics: readonly Uint8Array[]): Member => ({
      peer,
      session,
      topics: new Set(topics.map(topicKey)),
      say: (message) => frames.send(encodeMessage(WHO_MESSAGES, message)),
      sayBytes: (frame) => frames.send(frame),
    })
    member(new Uint8Array(), []).say({ type: 'welcome', stunPort: mischief.stunPort ?? 0, facts: [] })
  }

  function join(member: Member): void {
    members.set(member.peer, member)
    for (const other of all()) introduce(other)
  }

  function introduce(member: Member): void {
    const others = all().filter(({ peer }) => peer !== member.peer)
    const sharing = others.filter(({ topics }) => !topics.isDisjointFrom(member.topics))
    if (mischief.introduce !== undefined) done += 1
    const peers = mischief.introduce?.(member, sharing, others) ?? sharing
    member.say({ type: 'present', peers })
  }

  await node.handle(WHO_PROTOCOL, onWho, { maxInboundStreams: 100 })
  const pestering = setInterval(() => {
    for (const member of all()) {
      if (mischief.pester === undefined) continue
      done += 1
      mischief.pester(member, all())
    }
  }, PESTER_EVERY)
  onTestFinished(async () => {
    clearInterval(pestering)
    await node.stop()
  })
  return {
    peerId: node.peerId.toString(),
    addresses: node.getMultiaddrs().map(String),
    recorded,
    asked,
    get done() {
      return done
    },
  }
}

/** Somebody who does not exist. */
export function anInventedPeer(): Presence {
  const key = publicKeyFromRaw(crypto.getRandomValues(new Uint8Array(32)))
  return { peer: peerIdFromPublicKey(key).toString(), session: aSession() }
}

export function aSession(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SESSION_BYTES))
}

/** An object in which one member is another; all others are its own. */
function withMember<T extends object>(object: T, member: keyof T, value: () => unknown): T {
  return new Proxy(object, {
    get: (target, name) => {
      const found: unknown = name === member ? value() : Reflect.get(target, name)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}
