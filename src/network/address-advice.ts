import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Why a page cannot dial an address, and what to do; `undefined` when nothing speaks against it. `pageProtocol` is that of the page's own address, such as
 * `https:`.
 */
export function adviceForPage(address: Multiaddr, pageProtocol: string): string | undefined {
  const names = new Set(address.getComponents().map(({ name }) => name))
  const isWebSocket = names.has('ws') || names.has('wss')
  if (names.has('webrtc') || names.has('webrtc-direct') || names.has('p2p-circuit')) return undefined
  if (!isWebSocket) return 'a page cannot dial TCP or QUIC; give an address with /ws, or let both sides use one relay'
  if (pageProtocol === 'https:' && !names.has('tls') && !names.has('wss')) {
    // Chromium asks for the permission `local-network-access` where the relay is in the local network, and refuses silently when it is not given.
    return 'the browser keeps a page that was loaded over https from ws:// addresses; use a /tls/ws or /webrtc-direct address of the relay, or allow the page to access the local network'
  }
  return undefined
}
