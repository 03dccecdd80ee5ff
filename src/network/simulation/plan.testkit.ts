import { chanceOf, type Chance } from './chance.testkit.ts'
import type { DiskHabits, DiskTrouble } from './disk.testkit.ts'
import type { Weather } from './internet.testkit.ts'
import type { Skew } from './machine.testkit.ts'
import type { Role } from './roles.testkit.ts'
import type { TransportHabits } from './world.testkit.ts'

/** Everything that is going to happen in a simulation, before it begins. It follows from the seed. */
export interface Plan {
  readonly seed: number
  readonly nodes: readonly NodePlan[]
  /** Who knows whose address. The nodes hang together by these. */
  readonly links: readonly Link[]
  readonly weather: Weather
  readonly transports: TransportHabits
  /** Up to so many peers are sent to directly. */
  readonly crowd: number
  /** How long there are writes and faults, in milliseconds. Then everything heals. */
  readonly lasts: number
  readonly actions: readonly Action[]
}

export interface NodePlan {
  readonly role: Role
  readonly skew: Skew
  readonly disk: DiskHabits
  /** When it first comes. */
  readonly joinsAt: number
  /** When it gets to know the second collection; 0 is from the beginning. */
  readonly learnsAt: number
}

export interface Link {
  readonly from: number
  readonly to: number
  /** Each of the two knows the other's address. */
  readonly isMutual: boolean
}

/** Documents are named by the order in which they came to be, counted on from the first when there are not so many. A write of one that a node does not know is left out. */
export type Write =
  | { readonly kind: 'create'; readonly collection: CollectionName; readonly count: number; readonly bytes: number }
  /** The same document, made by several nodes. */
  | { readonly kind: 'twin'; readonly number: number }
  | { readonly kind: 'edit'; readonly documents: readonly number[] }
  | { readonly kind: 'count'; readonly document: number; readonly by: number }
  | { readonly kind: 'delete'; readonly document: number }

export type CollectionName = 'Note' | 'Log' | 'Task'

/** What happens at some moment. `lasts` is how long until it is over. */
export type Action = { readonly at: number } & (
  | { readonly kind: 'write'; readonly node: number; readonly write: Write }
  | { readonly kind: 'partition'; readonly side: readonly number[]; readonly isOneWay: boolean; readonly lasts: number }
  | { readonly kind: 'cut'; readonly from: number; readonly to: number; readonly isOneWay: boolean; readonly lasts: number }
  | { readonly kind: 'break'; readonly from: number; readonly to: number }
  | { readonly kind: 'restart'; readonly node: number; readonly lasts: number }
  | { readonly kind: 'crash'; readonly node: number; readonly how: 'power' | 'process' | 'page'; readonly lasts: number }
  /** The machine sleeps, or its page does after it was told that it goes. */
  | { readonly kind: 'sleep'; readonly node: number; readonly isTold: boolean; readonly lasts: number }
  | { readonly kind: 'disk'; readonly node: number; readonly trouble: DiskTrouble; readonly lasts: number }
  | { readonly kind: 'jump'; readonly node: number; readonly by: number }
  | { readonly kind: 'slow'; readonly factor: number; readonly lasts: number }
  | { readonly kind: 'part'; readonly from: number; readonly to: number; readonly lasts: number }
  | { readonly kind: 'subscribe'; readonly node: number; readonly collections: readonly CollectionName[] }
  | { readonly kind: 'follow'; readonly node: number; readonly documents: readonly number[] }
  | { readonly kind: 'replicate'; readonly from: number; readonly to: number; readonly collections?: readonly CollectionName[] }
)

export function planOf(seed: number): Plan {
  const chance = chanceOf(seed, 'plan')
  const isMixed = chance.happens(0.35)
  const size = isMixed ? chance.whole(2, 5) : sizeOf(chance)
  const lasts = chance.spread(3000, size > 8 ? 15_000 : 40_000)
  const links = isMixed ? everyLink(chance, size) : linksOf(chance, size)
  const writes = writesOf(chance, size, lasts)
  const disk = { write: chance.weighted([[3, 0], [3, 2], [2, 30], [1, 500]]), read: chance.weighted([[6, 0], [1, 1], [1, 20]]) } // prettier-ignore
  const isLate = chance.happens(0.25)
  return {
    seed,
    links,
    lasts,
    nodes: Array.from({ length: size }, () => ({
      role: isMixed && chance.happens(0.7) ? 'chosen' : 'everything',
      skew: chance.happens(0.5) ? { date: 0, rate: 1 } : { date: chance.between(-1e8, 1e8), rate: chance.between(0.95, 1.05) },
      disk,
      joinsAt: chance.happens(0.7) ? chance.between(0, 100) : chance.between(0, lasts),
      learnsAt: isLate && chance.happens(0.5) ? chance.between(0, lasts) : 0,
    })),
    weather: weatherOf(chance),
    transports: {
      window: Math.round(chance.spread(4096, 2 ** 20)),
      stuckStreams: chance.happens(0.2) ? 0.05 : 0,
      startup: chance.happens(0.5) ? 0 : chance.between(0, 100),
    },
    crowd: chance.weighted([[3, 8], [1, 0], [1, 1], [1, 2]]), // prettier-ignore
    actions: [
      ...writes,
      ...faultsOf(chance, size, lasts, links, writes, disk.write),
      ...(isMixed ? choicesOf(chance, size, lasts) : []),
    ].toSorted((a, b) => a.at - b.at),
  }
}

function sizeOf(chance: Chance): number {
  const [low, high] = chance.weighted<readonly [number, number]>([
    [30, [2, 2]],
    [30, [3, 3]],
    [25, [4, 6]],
    [10, [7, 10]],
    [5, [11, 20]],
  ])
  return chance.whole(low, high)
}

/** A tree, and some links more: few nodes are often all linked, many seldom. */
function linksOf(chance: Chance, size: number): readonly Link[] {
  const links: Link[] = []
  const add = (a: number, b: number): void => {
    const [from, to] = chance.happens(0.5) ? [a, b] : [b, a]
    links.push({ from, to, isMutual: chance.happens(0.4) })
  }
  const extra = chance.happens(0.5) ? 1 : chance.between(0, 1)
  for (let node = 1; node < size; node++) {
    const parent = chance.below(node)
    add(parent, node)
    const share = size <= 5 ? extra : extra / size
    for (let other = 0; other < node; other++) if (other !== parent && chance.happens(share)) add(other, node)
  }
  return links
}

/** Where nodes take different things, each must be able to have them from whoever has them. */
function everyLink(chance: Chance, size: number): readonly Link[] {
  const links: Link[] = []
  for (let from = 0; from < size; from++) for (let to = from + 1; to < size; to++) links.push({ from, to, isMutual: chance.happens(0.4) })
  return links
}

/** What nodes begin to take and to give. A thing that is not known there yet is refused. */
function choicesOf(chance: Chance, size: number, lasts: number): readonly Action[] {
  const collections = (): readonly CollectionName[] => chance.shuffled<CollectionName>(['Note', 'Task', 'Log']).slice(0, chance.whole(1, 2))
  const choice = (): Action => {
    const at = chance.happens(0.3) ? chance.between(100, 300) : chance.between(0, lasts)
    return chance.weighted<() => Action>([
      [3, () => ({ kind: 'subscribe', at, node: chance.below(size), collections: collections() })],
      [
        4,
        () => ({
          kind: 'follow',
          at,
          node: chance.below(size),
          documents: Array.from({ length: chance.whole(1, 5) }, () => chance.below(20)),
        }),
      ],
      [
        3,
        () => {
          const from = chance.below(size)
          const to = (from + chance.whole(1, size - 1)) % size
          return { kind: 'replicate', at, from, to, ...(chance.happens(0.5) ? { collections: collections() } : {}) }
        },
      ],
    ])()
  }
  return Array.from({ length: chance.whole(1, 8) }, choice)
}

function weatherOf(chance: Chance): Weather {
  const least = chance.spread(0.5, 100)
  return {
    delay: [least, least * chance.spread(1, 10)],
    bandwidth: chance.happens(0.7) ? undefined : chance.spread(50, 1000),
    loss: chance.happens(0.3) ? 0 : chance.between(0, 0.5),
    duplication: chance.happens(0.3) ? 0 : chance.between(0, 0.4),
  }
}

function writesOf(chance: Chance, size: number, lasts: number): readonly (Action & { readonly kind: 'write' })[] {
  const count = Math.round(chance.spread(4, size > 8 ? 30 : 60))
  const isBulky = chance.happens(0.05)
  // Some are hot: half of all writes go to the first few documents.
  const document = (): number => (chance.happens(0.5) ? chance.below(3) : chance.below(count))
  const write = (): Write =>
    chance.weighted<() => Write>([
      [
        30,
        () => ({
          kind: 'create',
          collection: chance.pick(['Note', 'Note', 'Task', 'Log']),
          count: chance.happens(0.1) ? chance.whole(2, 30) : 1,
          bytes: isBulky && chance.happens(0.3) ? Math.round(chance.spread(1000, 300_000)) : chance.whole(0, 100),
        }),
      ],
      [5, () => ({ kind: 'twin', number: chance.below(3) })],
      [30, () => ({ kind: 'edit', documents: chance.happens(0.2) ? [document(), document(), document()] : [document()] })],
      [20, () => ({ kind: 'count', document: document(), by: chance.whole(-3, 5) })],
      [5, () => ({ kind: 'delete', document: document() })],
    ])()
  // In bursts or evenly.
  const isBursty = chance.happens(0.5)
  let burst = 0
  return Array.from({ length: count }, () => {
    if (!isBursty || chance.happens(0.2)) burst = chance.between(0, lasts)
    const at = isBursty ? Math.min(lasts, burst + chance.between(0, 20)) : burst
    return { at, kind: 'write', node: chance.below(size), write: write() }
  })
}

function faultsOf(
  chance: Chance,
  size: number,
  lasts: number,
  links: readonly Link[],
  writes: readonly (Action & { readonly kind: 'write' })[],
  writeTakes: number,
): readonly Action[] {
  const at = (): number => chance.between(0, lasts)
  const duration = (): number => chance.spread(50, 30_000)
  const node = (): number => chance.below(size)
  const how = (): 'power' | 'process' | 'page' => chance.pick(['power', 'process', 'page'])
  const link = (): { readonly from: number; readonly to: number } => {
    const { from, to } = links[chance.below(links.length)] ?? { from: 0, to: 1 }
    return chance.happens(0.5) ? { from, to } : { from: to, to: from }
  }
  const fault = (): Action =>
    chance.weighted<() => Action>([
      [
        3,
        () => ({
          kind: 'partition',
          at: at(),
          side: Array.from({ length: size }, (_, index) => index).filter(() => chance.happens(0.5)),
          isOneWay: chance.happens(0.3),
          lasts: duration(),
        }),
      ],
      [3, () => ({ kind: 'cut', at: at(), ...link(), isOneWay: chance.happens(0.3), lasts: duration() })],
      [3, () => ({ kind: 'break', at: at(), ...link() })],
      [2, () => ({ kind: 'restart', at: at(), node: node(), lasts: duration() })],
      [2, () => ({ kind: 'crash', at: at(), node: node(), how: how(), lasts: duration() })],
      [
        3,
        () => {
          // Between a write and its acknowledgement, or a moment after it.
          const { at, node } = writes[chance.below(writes.length)] ?? { at: 0, node: 0 }
          const within = chance.happens(0.7) ? writeTakes : 200
          return { kind: 'crash', at: at + chance.between(0, within), node, how: how(), lasts: duration() }
        },
      ],
      [2, () => ({ kind: 'sleep', at: at(), node: node(), isTold: chance.happens(0.3), lasts: duration() })],
      [2, () => ({ kind: 'disk', at: at(), node: node(), trouble: chance.pick(['full', 'broken']), lasts: duration() })],
      [1, () => ({ kind: 'jump', at: at(), node: node(), by: chance.between(-1e7, 1e7) })],
      [1, () => ({ kind: 'slow', at: at(), factor: chance.spread(2, 30), lasts: duration() })],
      [1, () => ({ kind: 'part', at: at(), ...link(), lasts: duration() })],
    ])()
  return Array.from({ length: chance.whole(0, chance.pick([2, 5, 10])) }, fault)
}
