import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'

import { createLibp2p } from 'libp2p'

import { parseListenAddress } from '../src/network/addresses.ts'
import { DIRECT_DATA_CHANNEL } from '../src/network/data-channels.ts'
import { lastingWebRtcDirect } from '../src/network/lasting-webrtc-direct.node.ts'
import { repairedYamux } from '../src/network/stream-muxer.ts'
import { repairedWebSockets } from '../src/network/web-sockets.ts'
import { loadCertificate } from '../src/network/webrtc-certificate.node.ts'
import { systemClock } from '../src/util/clock.ts'
import { createAllowList } from './allow-list.ts'
import { createCircuits } from './circuits.ts'
import { createGate } from './gate.ts'
import { serveHttp } from './http.ts'
import { loadIdentity, settingsIn } from './identity.ts'
import { bestFirst, hostForOthers, invite, type Invitation } from './invitation.ts'
import { completeLimits } from './limits.ts'
import { DEFAULT_HOST, DEFAULT_HTTP_PORT, DEFAULT_PORT, type RelayLimits } from './options.ts'
import { checkPort, findPort } from './ports.ts'
import { createReporter, type RelayReport } from './report.ts'
import { serveStun } from './stun.ts'
import { createTally, type Log } from './tally.ts'
import { createTls, readCertificate, type TlsFiles } from './tls-certificate.ts'
import { serveWho } from './who.ts'

export type { Invitation } from './invitation.ts'
export type { RelayLimits } from './options.ts'
export type { ConnectedPeer, RelayReport } from './report.ts'
export type { Log, LogLevel, Reason } from './tally.ts'
export type { TlsFiles } from './tls-certificate.ts'

/** Nothing is started that is not asked for: without options a relay has its WebSocket listener. */
export interface RelayOptions {
  /** Port of the WebSocket listener (TCP) and of WebRTC-direct (UDP); 0 takes a free one. */
  readonly port?: number
  /** Interfaces to listen on, as IP addresses: one, or one of each family. */
  readonly host?: string | readonly string[]
  /** Folder that keeps the relay's key and its WebRTC certificate. Without it the relay has a new identity at each start. */
  readonly directory?: string
  /** Multiaddrs to tell others instead of the ones listened on, for a relay behind a proxy or a NAT. */
  readonly announce?: readonly string[]
  /** Listen on WebRTC-direct too, which pages on https reach without a TLS certificate. The process has the UDP port to its end, also when the relay is closed. */
  readonly webRtcDirect?: boolean
  /** With it the WebSocket listener speaks TLS beside plain, and the names in the certificate are among the addresses. The files are read again when they change. */
  readonly tls?: TlsFiles
  /** UDP port of the STUN service, which tells nodes how the internet sees them; 0 takes a free one. Nodes learn of it by themselves. */
  readonly stunPort?: number
  /** The status page, `/health` and `/metrics`. */
  readonly http?: HttpOptions
  /** URL of a page with a node; an invitation is a link to it. */
  readonly pageUrl?: string
  readonly limits?: Partial<RelayLimits>
  /** Peer IDs of those who may connect. With it, or `allowFile`, all others are refused. */
  readonly allow?: readonly string[]
  /** Path of a file with one peer ID a line, which is read again when it changes. */
  readonly allowFile?: string
  /** Is told who joins and leaves, and which limit was reached. */
  readonly log?: Log
}

export interface HttpOptions {
  /** 0 takes a free one. */
  readonly port?: number
  readonly host?: string
  /** Show on the status page more of those who are connected than their shortened peer IDs. */
  readonly showDetails?: boolean
}

export interface RelayStats {
  /** Nodes connected to the relay now. */
  readonly connections: number
  readonly reservations: number
  /** Topics somebody is in, and how many nodes are in any. */
  readonly topics: number
  readonly members: number
  /** Messages that were dropped because they broke a rule. */
  readonly dropped: number
}

export interface Relay {
  readonly peerId: string
  /** Multiaddrs with the peer ID: what goes into `p2p.relays`. */
  readonly addresses: readonly string[]
  /** What to give to others: the address that most of them can reach, and the link to the page with it. */
  readonly invitation: Invitation
  /** UDP port of the STUN service. */
  readonly stunPort: number | undefined
  /** Where the status page is. */
  readonly httpUrl: string | undefined
  stats(): RelayStats
  /** Everything the status page and the metrics say. */
  report(): Promise<RelayReport>
  close(): Promise<void>
}

/**
 * Starts a relay.
 * @throws IN_USE when a port is taken, INVALID_ADDRESS for a wrong `announce` or `allow`, INVALID_ARGUMENT for what cannot be listened on, read or used, CORRUPT_DATA
 * when the directory holds something else
 */
export async function startRelay(options: RelayOptions = {}): Promise<Relay> {
  const { port: wantedPort = DEFAULT_PORT, host = DEFAULT_HOST, directory, announce = [], webRtcDirect = false, log = () => {} } = options
  for (const address of announce) parseListenAddress(address)
  checkPort('port', wantedPort)
  if (options.stunPort !== undefined) checkPort('stunPort', options.stunPort)
  const hosts = typeof host === 'string' ? [host] : host
  const limits = completeLimits(options.limits ?? {})
  const certificate = options.tls === undefined ? undefined : await readCertificate(options.tls)
  const port = await findPort(hosts, wantedPort, webRtcDirect)
  const tally = createTally(log, systemClock)

  await using starting = new AsyncDisposableStack()
  const allowList = await createAllowList({ peers: options.allow, file: options.allowFile }, log)
  starting.defer(() => allowList.close())
  const gate = createGate({ limits, isAllowed: allowList.isAllowed, tally, clock: systemClock })
  const circuits = createCircuits(limits, tally, systemClock)
  const tls = options.tls === undefined || certificate === undefined ? undefined : createTls(options.tls, certificate, log)
  const stun = options.stunPort === undefined ? undefined : await serveStun({ hosts, port: options.stunPort, tally, clock: systemClock })
  starting.defer(() => stun?.close())

  const listen = hosts.flatMap((host) => {
    const at = `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}`
    return [`${at}/tcp/${port}/ws`, ...(webRtcDirect ? [`${at}/udp/${port}/webrtc-direct`] : [])]
  })
  const node = await createLibp2p({
    ...(directory === undefined ? {} : { privateKey: await loadIdentity(directory) }),
    addresses: {
      listen,
      announce: [...announce],
      appendAnnounce: (certificate?.names ?? []).map((name) => `/dns/${name}/tcp/${port}/tls/ws`),
    },
    transports: [
      repairedWebSockets(),
      ...(webRtcDirect
        ? [
            lastingWebRtcDirect({
              certificate: await loadCertificate(settingsIn(directory)),
              dataChannel: DIRECT_DATA_CHANNEL,
              rtcConfiguration: { iceServers: [] },
            }),
          ]
        : []),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [repairedYamux()],
    connectionGater: { ...gate.gater, ...circuits.gater },
    // The library refuses without a word; the gate has these limits.
    connectionManager: {
      maxConnections: 2 * limits.connections,
      inboundConnectionThreshold: Number.MAX_SAFE_INTEGER,
      maxIncomingPendingConnections: Number.MAX_SAFE_INTEGER,
    },
    // Yamux pings each connection every 30 s and closes the dead ones; a stream for each ping is not needed.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      // No gossipsub: nodes find each other through the who-protocol and talk to each other directly; the relay has no part in what they say.
      circuit: circuits.service,
      ...(tls === undefined ? {} : { tls: tls.service }),
    },
  })
  starting.defer(() => node.stop())
  gate.watch(node)
  circuits.watch(node)
  tls?.begin()
  starting.defer(() => tls?.close())
  const who = await serveWho(node, { welcome: { stunPort: stun?.port ?? 0, facts: [] }, tally, log })
  starting.defer(() => who.close())
  const { circuit } = node.services

  // The library keeps the reservation of a node that has left until its end, and so fills up with tabs that were reloaded.
  node.addEventListener('peer:disconnect', ({ detail }) => {
    // Its timer would otherwise end the reservation that the node makes when it comes back.
    circuit.reservations.get(detail)?.signal.clear()
    circuit.reservations.delete(detail)
  })
  allowList.onChange(() => {
    for (const peer of node.getPeers()) if (!allowList.isAllowed(peer.toString())) void node.hangUp(peer).catch(() => {})
  })

  // Once it is closed the relay has none, and its owner still wants to know which they were.
  let addressesBefore: readonly string[] = []
  const addresses = (): readonly string[] => {
    const now = node.getMultiaddrs().map(String)
    if (now.length > 0) addressesBefore = now
    return addressesBefore
  }
  addresses()
  const ordered = (): readonly string[] => (announce.length > 0 ? addresses() : bestFirst(addresses()))
  const invitation = (): Invitation => invite(addresses(), announce.length > 0, options.pageUrl)
  const report = createReporter({ node, gate, circuits, who, stun, tally, limits, addresses: ordered, invitation })
  const { http } = options
  const server =
    http === undefined
      ? undefined
      : await serveHttp(report, {
          port: http.port ?? DEFAULT_HTTP_PORT,
          host: http.host ?? hosts[0] ?? DEFAULT_HOST,
          showDetails: http.showDetails ?? false,
          shownHost: hostForOthers(addresses()),
        })
  starting.defer(() => server?.close())
  const running = starting.move()

  return {
    peerId: node.peerId.toString(),
    get addresses() {
      return addresses()
    },
    get invitation() {
      return invitation()
    },
    stunPort: stun?.port,
    httpUrl: server?.url,
    stats: () => ({ connections: node.getPeers().length, reservations: circuit.reservations.size, ...who.stats() }),
    report,
    // From the last that was started to the first.
    close: () => running.disposeAsync(),
  }
}
