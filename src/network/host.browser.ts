import { webRTCDirect } from '@libp2p/webrtc'

import { systemClock } from '../util/clock.ts'
import { adviceForPage } from './address-advice.ts'
import type { Surroundings } from './explain/facts.ts'
import { observeCandidates } from './local-candidates.browser.ts'
import { repairDataChannels } from './data-channel-shim.browser.ts'
import { startNode, type Host, type HostParts } from './host.ts'
import { watchSleep } from './sleep-watch.ts'

/** The libp2p node of a tab: WebSockets and WebRTC-direct to relays, WebRTC to other nodes. */
export async function createBrowserHost(parts: HostParts): Promise<Host> {
  repairDataChannels(globalThis)
  const localCandidates = observeCandidates(globalThis)
  // A tab cannot listen by itself: relays and WebRTC make it reachable. `webRTCDirect` only dials here and needs no certificate.
  const started = await startNode({ ...parts, listen: [] }, { transports: [], webRtcDirect: webRTCDirect, listen: [] })
  return {
    ...started,
    adviceFor: (address) => adviceForPage(address, location.protocol),
    surroundings,
    localCandidates,
    onWake,
    onLeave,
  }
}

async function surroundings(): Promise<Surroundings> {
  const localNetwork = await permission()
  return { isOnline: navigator.onLine, pageProtocol: location.protocol, ...(localNetwork === undefined ? {} : { localNetwork }) }
}

/** Whether the page may reach the local network; `undefined` in browsers that do not ask for it. */
async function permission(): Promise<Surroundings['localNetwork']> {
  try {
    // Chromium's name (https://wicg.github.io/local-network-access/), which the types do not know yet.
    const { state } = await navigator.permissions.query({ name: 'local-network-access' as PermissionName })
    return state
  } catch {
    return undefined
  }
}

function onWake(listener: () => void): () => void {
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') listener()
  }
  addEventListener('online', listener)
  addEventListener('pageshow', listener)
  document.addEventListener('visibilitychange', onVisible)
  // A page that is frozen and goes on is not always hidden and shown.
  document.addEventListener('resume', listener)
  const stopWatching = watchSleep(systemClock, listener)
  return () => {
    stopWatching()
    removeEventListener('online', listener)
    removeEventListener('pageshow', listener)
    document.removeEventListener('visibilitychange', onVisible)
    document.removeEventListener('resume', listener)
  }
}

function onLeave(listener: () => void): () => void {
  addEventListener('pagehide', listener)
  return () => removeEventListener('pagehide', listener)
}
