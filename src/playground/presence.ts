import { createWatched, type Watched } from './watched.ts'

/** Whether the node is there. What it told while it was away has been missed. */
export interface Presence {
  readonly isAway: boolean
  /** How often it has come back. */
  readonly returns: number
}

/** The presence of a node elsewhere; `note` is told whether it answers. */
export function openPresence(): { readonly presence: Watched<Presence>; readonly note: (isHere: boolean) => void } {
  const presence = createWatched<Presence>({ isAway: false, returns: 0 })
  const note = (isHere: boolean): void => {
    const { isAway, returns } = presence.peek()
    if (isAway === isHere) presence.set({ isAway: !isHere, returns: isHere ? returns + 1 : returns })
  }
  return { presence, note }
}
