/** What `soak.ts` says to a process of peers. */
export type ToPeers =
  /** All come, and stay. */
  | { readonly kind: 'gather' }
  /** Those that are here now, of all processes: everyone is to see those of its topic and to reach them. */
  | { readonly kind: 'meet'; readonly here: readonly Here[] }
  /** All come and go again. */
  | { readonly kind: 'disperse' }
  /** All leave, and the process ends. */
  | { readonly kind: 'leave' }

/** What a process of peers says. */
export type FromPeers =
  | { readonly kind: 'gathered'; readonly here: readonly Here[] }
  /** Each pair is told by one of its two. */
  | { readonly kind: 'met'; readonly pairs: number; readonly wrong: readonly string[] }
  /** Since it began; each second, for a process that is ended says nothing more. */
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'left' }

export interface Here {
  readonly peer: string
  readonly topic: number
}

export interface Counts {
  readonly joins: number
  readonly reconnects: number
  readonly circuits: number
  /** Circuits that did not come about, and bytes that did not come back, while both sides were there. Peers that go in that moment are among them. */
  readonly broken: number
  /** What must not happen. */
  readonly wrong: readonly string[]
}
