import type { Person } from '../documents.ts'
import type { LocalResult, WorkloadOptions } from '../local-workload.ts'
import type { QueryResult, RoundOptions } from '../query-workload.ts'

/** What a page for local measurements offers to the harness. */
export interface LocalPage {
  run(contestant: string, database: string, options: WorkloadOptions): Promise<readonly LocalResult[]>
  /** Creates the documents in one batch in a new database and leaves it open, so that its size and its heap can be seen. */
  fill(contestant: string, database: string, n: number): Promise<void>
  /** Closes what `fill` has opened. */
  close(): Promise<void>
  /** Deletes every database of this origin. */
  clear(): Promise<void>
}

/** What a page for queries offers to the harness. */
export interface QueriesPage {
  /** Opens a new database, fills it and leaves it open for the rounds. */
  fill(contestant: string, database: string, n: number): Promise<void>
  round(options: RoundOptions): Promise<readonly QueryResult[]>
  /** Closes the database and deletes every one of this origin. */
  end(): Promise<void>
}

/** When something came in at a tab. Milliseconds since the epoch, as all times between tabs: `performance.timeOrigin + performance.now()`. */
export interface Arrival {
  readonly key: string
  /** The message or the merge event. */
  readonly arrived: number
  /** The change of the page that shows it; only while the tab shows what comes in. */
  readonly shown?: number
}

/** One call that sends something. */
export interface Departure {
  readonly key: string
  readonly called: number
  /** The call's promise has resolved: for a database, the write is stored. */
  readonly done: number
}

/** What the pages of both kinds of tabs have in common: watching what comes in. */
export interface ReceivingPage {
  /** Forgets what came in and begins anew. */
  watch(show: boolean): void
  /** Waits until `count` different keys have come in (and are shown); gives the time of the last one. */
  untilArrived(count: number): Promise<number>
  arrivals(): readonly Arrival[]
  /** Bytes on the wire of this tab's connections, both ways. */
  wireBytes(): Promise<number>
  /** How far the clock of the other tab is ahead of this one's, in milliseconds, and the round trip with which that was found. */
  clockOffset(): Promise<{ readonly ahead: number; readonly roundTrip: number }>
}

/** A tab with a bare data channel; the harness carries the signalling. */
export interface ChannelPage extends ReceivingPage {
  offer(): Promise<string>
  /** Takes the offer, gives the answer. */
  answer(offer: string): Promise<string>
  accept(answer: string): Promise<void>
  untilOpen(): Promise<number>
  /** Sends the numbered people, one JSON message each; gives the time of the first. */
  send(first: number, count: number): Promise<number>
  /** Sends them one by one with a pause between. */
  sendPaced(first: number, count: number, pause: number): Promise<readonly Departure[]>
  /** Asks the other tab for one numbered person after the other, and gives how long each took to come, in milliseconds. */
  fetchEach(first: number, count: number): Promise<readonly number[]>
  /** Checks what came in against the numbered people. */
  verify(first: number, count: number): void
  close(): void
}

/** The steps of a tab from its opening to its first peers. Times since the epoch. */
export interface Opening {
  readonly pageOpened: number
  readonly databaseOpened: number
  readonly firstPeer: number
  readonly direct: number
}

/** A tab with a WarrenDB node, opened at once as the page's address says. */
export interface NodePage extends ReceivingPage {
  ready(): Promise<void>
  /** Waits for the first direct connection. */
  opening(): Promise<Opening>
  create(first: number, count: number): Promise<readonly string[]>
  /** Waits until so many different documents have been merged since the page opened; gives the time of the last one. */
  untilMerged(count: number): Promise<number>
  updatePaced(ids: readonly string[], age: number, pause: number): Promise<readonly Departure[]>
  /** Updates all without awaiting one by one; gives the time of the first call. */
  updateAll(ids: readonly string[], age: number): Promise<number>
  peerId(): Promise<string>
  /** Replicates everything to a peer from now on; gives the time of the call. */
  replicateTo(peer: string): Promise<number>
  /** Waits until this peer of a replicator has confirmed everything. */
  untilConfirmed(peer: string): Promise<void>
  endReplicationTo(peer: string): Promise<void>
  /** Fetches documents one after the other, and gives how long each took to be here, in milliseconds. */
  fetchEach(ids: readonly string[]): Promise<readonly number[]>
  count(): Promise<number>
  get(id: string): Promise<Person | undefined>
  countOfAge(age: number): Promise<number>
  close(): Promise<void>
}

/** A tab with another database that replicates over WebRTC, opened at once as the page's address says. */
export interface ReplicaPage {
  create(first: number, count: number): Promise<void>
  /** When the first connection was there. */
  firstPeer(): Promise<number>
  /** Waits until so many documents have come in; gives the time of the last one. */
  untilArrived(count: number): Promise<number>
  get(number: number): Promise<Person | undefined>
  count(): Promise<number>
  wireBytes(): Promise<number>
}

/** When a tab of the connection subject was how far. Milliseconds since the epoch. */
export interface ConnectionOpening extends Opening {
  /** The first document of another tab was stored. */
  readonly firstDocument: number
}

/** A tab that notes when it is connected. Times are milliseconds since the epoch. */
export interface ConnectionPage {
  ready(): Promise<void>
  /** Waits for the first direct connection and the first document. */
  opening(): Promise<ConnectionOpening>
  pageOpened(): number
  peerId(): Promise<string>
  /** Creates a document; gives its ID. */
  write(): Promise<string>
  /** Waits until a document of another tab is here; gives the time when it came. */
  untilHas(id: string): Promise<number>
  /** Waits until there is a reservation at each relay; gives the time of the last one. */
  untilReserved(): Promise<number>
  untilDirect(): Promise<number>
  /** Waits until nobody is connected; gives the time since when. */
  untilAlone(): Promise<number>
}

declare global {
  // oxlint-disable-next-line no-var
  var localPage: LocalPage
  // oxlint-disable-next-line no-var
  var queriesPage: QueriesPage
  // oxlint-disable-next-line no-var
  var channelPage: ChannelPage
  // oxlint-disable-next-line no-var
  var nodePage: NodePage
  // oxlint-disable-next-line no-var
  var connectionPage: ConnectionPage
  // oxlint-disable-next-line no-var
  var replicaPage: ReplicaPage
}
