import { createWatched, type Watched } from './watched.ts'

/** Whether the node is there, and whether the page knows everything it told. */
export interface Presence {
  readonly isAway: boolean
  /** How often something may have been missed: the node was away, or the page was hidden for long. */
  readonly returns: number
}

export interface OpenPresence {
  readonly presence: Watched<Presence>
  /** Takes whether the node's events come. */
  note(isOpen: boolean): void
}

/** The presence of a node elsewhere. A page that is hidden does not listen, and says nothing of the node. */
export function openPresence(page: Pick<Document, 'hidden'>): OpenPresence {
  const presence = createWatched<Presence>({ isAway: false, returns: 0 })
  let wasOpen = true
  const note = (isOpen: boolean): void => {
    const before = presence.peek()
    const isAway = !isOpen && !page.hidden
    const returns = isOpen && !wasOpen ? before.returns + 1 : before.returns
    wasOpen = isOpen
    if (isAway !== before.isAway || returns !== before.returns) presence.set({ isAway, returns })
  }
  return { presence, note }
}
