/** A peer ID for people: its end, since all of one kind begin alike. */
export function shortPeer(peer: string): string {
  return `…${peer.slice(-8)}`
}
