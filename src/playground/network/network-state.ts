import { isFailure, type Database, type DatabaseEvents, type PeerStatus, type RelayStatus } from '../../index.browser.ts'
import { onFrame } from '../frame.ts'
import { createWatched, type Watched } from '../watched.ts'

/** Round trips change without an event. */
const REFRESH_MS = 3000

/** What the page shows of the network. */
export interface NetworkState {
  /** The node was started without network. */
  readonly isOff: boolean
  /** This node's peer ID, once it is known. */
  readonly self: string | undefined
  readonly peers: readonly PeerStatus[]
  readonly relays: readonly RelayStatus[]
  /** Transfers under way, by peer ID. */
  readonly progress: ReadonlyMap<string, Progress>
  readonly storage: StorageUse | undefined
}

export interface Progress {
  readonly collection: string
  readonly done: number
  readonly total: number
}

export interface StorageUse {
  readonly kind: string
  readonly usedBytes?: number
  readonly quotaBytes?: number
  readonly persisted?: boolean
}

export interface OpenNetworkState extends Watched<NetworkState> {
  /** Asks now, also a node that was without network before. */
  refresh(): void
  close(): void
}

/** Follows the node's peers, relays and storage by its events, and by asking now and then. */
export function openNetworkState(db: Database): OpenNetworkState {
  const state = createWatched<NetworkState>({
    isOff: false,
    self: undefined,
    peers: [],
    relays: [],
    progress: new Map(),
    storage: undefined,
  })
  const progress = new Map<string, Progress>()
  let isKnownOff = false
  const ending = new AbortController()
  const { signal } = ending

  const work = onFrame(
    async () => {
      // What is off stays off until the node is started anew.
      const [network, status] = await Promise.all([isKnownOff ? OFF : readNetwork(db), db.status()])
      const { isOff, self, peers, relays } = network
      isKnownOff = isOff
      const connected = new Set(peers.map(({ id }) => id))
      for (const id of progress.keys()) if (!connected.has(id)) progress.delete(id)
      state.set({ isOff, self, peers: peers.toSorted(bySince), relays, progress: new Map(progress), storage: status.storage })
    },
    // A closed database or one without network: what was known stays shown, and the log tells of the end.
    () => undefined,
  )
  const refresh = (): void => work.request()
  const noteProgress = ({ detail }: CustomEvent<DatabaseEvents['sync:progress']>): void => {
    const { peer, collection, done, total } = detail
    if (done < total) progress.set(peer, { collection, done, total })
    else progress.delete(peer)
    refresh()
  }

  for (const name of REFRESHING_EVENTS) db.events.addEventListener(name, refresh, { signal })
  db.events.addEventListener('sync:progress', noteProgress, { signal })
  const timer = setInterval(refresh, REFRESH_MS)
  refresh()
  return {
    ...state,
    refresh: () => {
      isKnownOff = false
      refresh()
    },
    close: () => {
      ending.abort()
      clearInterval(timer)
      work.close()
    },
  }
}

/** What there is of the network; nothing where the node has none. */
async function readNetwork(db: Database): Promise<NetworkParts> {
  try {
    const [{ id }, peers, relays] = await Promise.all([db.p2p.info(), db.p2p.peers(), db.p2p.relays()])
    return { isOff: false, self: id, peers, relays }
  } catch (error) {
    if (!isFailure(error, 'UNSUPPORTED')) throw error
    return OFF
  }
}

type NetworkParts = Pick<NetworkState, 'isOff' | 'self' | 'peers' | 'relays'>

const OFF: NetworkParts = { isOff: true, self: undefined, peers: [], relays: [] }

const REFRESHING_EVENTS = ['peer:connect', 'peer:change', 'peer:disconnect', 'relay:change', 'storage:pressure'] as const

function bySince(a: PeerStatus, b: PeerStatus): number {
  return a.since - b.since
}
