import { tcp } from '@libp2p/tcp'

import { systemClock } from '../util/clock.ts'
import { startNode, type Host, type HostParts } from './host.ts'
import { lastingWebRtcDirect } from './lasting-webrtc-direct.node.ts'
import { isWebRtcDirect, usableListenAddresses } from './listen-addresses.node.ts'
import { watchSleep } from './sleep-watch.ts'
import { loadCertificate } from './webrtc-certificate.node.ts'

/** Only this machine, on a free port: a database that a program opens should not be reachable by accident. */
const DEFAULT_LISTEN = ['/ip4/127.0.0.1/tcp/0']

/** The libp2p node of a Node process: TCP, WebSockets, WebRTC to tabs, and WebRTC-direct. @throws INVALID_ADDRESS for what cannot be listened on */
export async function createNodeHost(parts: HostParts): Promise<Host> {
  const listen = parts.listen === undefined ? undefined : await usableListenAddresses(parts.listen)
  const certificate = listen?.some(isWebRtcDirect) === true ? await loadCertificate(parts.settings) : undefined
  const started = await startNode(
    { ...parts, ...(listen === undefined ? {} : { listen }) },
    {
      transports: [tcp()],
      webRtcDirect: (init) => lastingWebRtcDirect({ ...init, ...(certificate === undefined ? {} : { certificate }) }),
      listen: DEFAULT_LISTEN,
    },
  )
  return {
    ...started,
    adviceFor: () => undefined,
    surroundings: async () => ({ isOnline: true }),
    // The native library shows nothing of a connection that did not come about.
    localCandidates: () => undefined,
    // A process is neither hidden nor restored, but its machine sleeps; what it does at its end is its owner's business.
    onWake: (listener) => watchSleep(systemClock, listener),
    onLeave: () => () => {},
  }
}
