import type { Connection } from '@libp2p/interface'

import { CANDIDATE_KINDS, type CandidateKind, type CandidatePair } from './explain/facts.ts'

/**
 * The pair of candidates a WebRTC connection uses; `undefined` for other connections, and where the platform does not tell. libp2p shows no `RTCPeerConnection`, so it is taken
 * from inside the connection: whatever is not there as expected is nothing known.
 */
export async function candidatePair(connection: Connection): Promise<CandidatePair | undefined> {
  const inside: unknown = Reflect.get(connection, 'maConn')
  const rtc: unknown = typeof inside === 'object' && inside !== null ? Reflect.get(inside, 'peerConnection') : undefined
  if (!hasStats(rtc)) return undefined
  try {
    return pairOf([...(await rtc.getStats()).values()])
  } catch {
    // It has closed meanwhile, or this platform has no statistics.
    return undefined
  }
}

/** Reads the statistics of a connection (https://www.w3.org/TR/webrtc-stats/): the transport names the pair, the pair its candidates. */
export function pairOf(statistics: readonly unknown[]): CandidatePair | undefined {
  const entries = statistics.filter(isEntry)
  const byId = new Map(entries.map((entry) => [entry['id'], entry]))
  const named = byId.get(entries.find(({ type }) => type === 'transport')?.['selectedCandidatePairId'])
  // Firefox names none, and marks the pair.
  const pair =
    named ??
    entries.find(
      (entry) =>
        entry.type === 'candidate-pair' && (entry['selected'] === true || (entry['nominated'] === true && entry['state'] === 'succeeded')),
    )
  const local = kindOf(byId.get(pair?.['localCandidateId']))
  const remote = kindOf(byId.get(pair?.['remoteCandidateId']))
  return local === undefined || remote === undefined ? undefined : { local, remote }
}

type StatisticsEntry = Readonly<Record<string, unknown>> & { readonly type: string }

function kindOf(candidate: StatisticsEntry | undefined): CandidateKind | undefined {
  return CANDIDATE_KINDS.find((kind) => kind === candidate?.['candidateType'])
}

function isEntry(entry: unknown): entry is StatisticsEntry {
  return typeof entry === 'object' && entry !== null && 'type' in entry && typeof entry.type === 'string'
}

function hasStats(rtc: unknown): rtc is { getStats(): Promise<ReadonlyMap<string, unknown>> } {
  return typeof rtc === 'object' && rtc !== null && 'getStats' in rtc && typeof rtc.getStats === 'function'
}
