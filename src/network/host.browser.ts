import { webRTCDirect } from '@libp2p/webrtc'
import type { Multiaddr } from '@multiformats/multiaddr'

import { repairDataChannels } from './data-channel-shim.browser.ts'
import { startNode, type Host, type HostParts } from './host.ts'

/** The libp2p node of a tab: WebSockets and WebRTC-direct to relays, WebRTC to other nodes. */
export async function createBrowserHost(parts: HostParts): Promise<Host> {
  repairDataChannels(globalThis)
  // A tab cannot listen by itself: relays and WebRTC make it reachable. `webRTCDirect` only dials here, so its certificate and how long that lives (beyond
  // 25.8 days it would be renewed in a tight loop) are the relay's matter.
  const node = await startNode({ ...parts, listen: [] }, { transports: [webRTCDirect()], listen: [] })
  return { node, adviceFor, onWake, onLeave }
}

function onWake(listener: () => void): () => void {
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') listener()
  }
  addEventListener('online', listener)
  addEventListener('pageshow', listener)
  document.addEventListener('visibilitychange', onVisible)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('pageshow', listener)
    document.removeEventListener('visibilitychange', onVisible)
  }
}

function onLeave(listener: () => void): () => void {
  addEventListener('pagehide', listener)
  return () => removeEventListener('pagehide', listener)
}

function adviceFor(address: Multiaddr): string | undefined {
  const names = new Set(address.getComponents().map(({ name }) => name))
  if (names.has('tcp') && !names.has('ws') && !names.has('wss')) {
    return 'a page cannot dial TCP; give an address with /ws, or reach the node through a relay'
  }
  if (location.protocol === 'https:' && names.has('ws') && !names.has('tls') && !names.has('wss')) {
    // Chromium asks for the permission `local-network-access` where the relay is in the local network, and refuses silently when it is not given.
    return 'the browser keeps a page that was loaded over https from ws:// addresses; use a /tls/ws or /webrtc-direct address of the relay, or allow the page access to the local network'
  }
  return undefined
}
