import type { CSSProperties, ReactNode } from 'react'

/** All peer IDs begin alike (they begin with the kind of key), so the end tells them apart. */
const SHORT_LENGTH = 6

/** The last characters of a peer ID. */
export function shortPeerId(id: string): string {
  return id.slice(-SHORT_LENGTH)
}

/** A colour of the peer's own, the same in every tab: a hue in degrees. */
export function peerHue(id: string): number {
  let hash = 0
  for (const character of id) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  // Steps of the golden angle keep neighbours apart.
  return Math.round((hash * 137.508) % 360)
}

/** For the style of an element: the peer's hue, which the style sheet makes colours of. */
function peerColor(id: string): CSSProperties {
  const variables: Record<`--${string}`, number> = { '--hue': peerHue(id) }
  return variables
}

/** A peer as the page shows it everywhere: a dot of its colour and the end of its ID. */
export function PeerName({ id }: { readonly id: string }): ReactNode {
  return (
    <span className="peer-name" style={peerColor(id)} title={id}>
      {shortPeerId(id)}
    </span>
  )
}
