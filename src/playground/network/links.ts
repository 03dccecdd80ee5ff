import type { Link, PeerStatus, RelayStatus } from '../../index.browser.ts'

/** How a peer is connected, in words. */
export const LINK_WORDS: Readonly<Record<Link, { readonly short: string; readonly long: string; readonly isDirect: boolean }>> = {
  webrtc: { short: 'WebRTC', long: 'directly, over WebRTC', isDirect: true },
  'webrtc-direct': { short: 'WebRTC', long: 'directly, over WebRTC', isDirect: true },
  websocket: { short: 'WebSocket', long: 'directly, over a WebSocket', isDirect: true },
  tcp: { short: 'TCP', long: 'directly, over TCP', isDirect: true },
  relayed: { short: 'relayed', long: 'through the relay, end-to-end encrypted', isDirect: false },
}

export type RelayState = RelayStatus['state'] | 'none'

export const RELAY_WORDS: Readonly<Record<RelayState, string>> = {
  none: 'no relay',
  connecting: 'calling the relay…',
  connected: 'relay: asking for a place…',
  reserved: 'relay connected',
  waiting: 'relay not reached',
}

/** The state of the best relay: one that works is enough. */
export function relayState(relays: readonly RelayStatus[]): RelayState {
  return BEST_FIRST.find((state) => relays.some((relay) => relay.state === state)) ?? 'none'
}

const BEST_FIRST: readonly RelayState[] = ['reserved', 'connected', 'connecting', 'waiting']

/** `12 ms`, or nothing while no ping has come back. */
export function roundTripWords({ roundTrip }: PeerStatus): string {
  if (roundTrip === undefined) return ''
  return roundTrip < 10 ? `${roundTrip.toFixed(1)} ms` : `${Math.round(roundTrip)} ms`
}
