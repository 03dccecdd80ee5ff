import { tcp } from '@libp2p/tcp'

import { startNode, type Host, type HostParts } from './host.ts'

/** Only this machine, on a free port: a database that a program opens should not be reachable by accident. */
const DEFAULT_LISTEN = ['/ip4/127.0.0.1/tcp/0']

/** The libp2p node of a Node process: TCP, WebSockets, and WebRTC to tabs. */
export async function createNodeHost(parts: HostParts): Promise<Host> {
  const node = await startNode(parts, { transports: [tcp()], listen: DEFAULT_LISTEN })
  return {
    node,
    adviceFor: () => undefined,
    // A process neither sleeps behind a hidden page nor is restored; what it does at its end is its owner's business.
    onWake: () => () => {},
    onLeave: () => () => {},
  }
}
