import type { ConnectionFinding } from '../../database/database.ts'
import { ATTEMPT_STAGES } from '../attempt-log.ts'
import type { CandidateKind, Facts, RelayFacts } from './facts.ts'

/** Looks at one part of the way to a peer. What does not concern it gives nothing. */
type Step = (facts: Facts) => readonly ConnectionFinding[]

/** In the order in which a connection is made. A new one is a function and a line here. */
export const STEPS: readonly Step[] = [self, refusal, online, relays, localNetwork, presence, addresses, signalling, ice, path, sync]

function self({ isSelf }: Facts): readonly ConnectionFinding[] {
  if (!isSelf) return []
  return [{ step: 'peer', state: 'failed', what: 'this is the ID of this node itself', advice: 'take the ID that the other side shows' }]
}

function refusal({ refusal: reason, isParted }: Facts): readonly ConnectionFinding[] {
  if (reason !== undefined) return [{ step: 'peer', state: 'failed', what: `this node keeps the peer off: it ${reason}` }]
  if (!isParted) return []
  return [{ step: 'peer', state: 'failed', what: 'the peer was disconnected by p2p.disconnect', advice: 'p2p.connect takes it back' }]
}

function online({ surroundings }: Facts): readonly ConnectionFinding[] {
  if (surroundings.isOnline) return []
  const advice = 'connect it; nodes on the same machine or in the same network may still be reached'
  return [{ step: 'page', state: 'warning', what: 'this machine has no network, as the browser says', advice }]
}

function relays(facts: Facts): readonly ConnectionFinding[] {
  if (facts.relays.length > 0) return facts.relays.map((relay) => relayFinding(relay))
  if (facts.addresses.length > 0 || facts.session !== undefined) return []
  const advice = 'give both sides the address of one relay (p2p.relays), or this side an address of the peer (p2p.connect)'
  return [{ step: 'relay', state: 'failed', what: 'this node knows no relay, and no address of the peer', advice }]
}

function relayFinding({ status, isLocal }: RelayFacts): ConnectionFinding {
  const { address, state, lastError } = status
  const place = isLocal ? 'relay in this network' : 'relay'
  switch (state) {
    case 'reserved':
      return { step: 'relay', state: 'ok', what: `the ${place} at ${address} answers, and others can reach this node through it` }
    case 'connected':
      return {
        step: 'relay',
        state: 'warning',
        what: `the ${place} at ${address} answers, but gives this node no reservation, so that others cannot reach it`,
        advice: 'see the status page of the relay for its limits; this node can still reach others',
      }
    case 'connecting':
      return { step: 'relay', state: 'unknown', what: `the ${place} at ${address} is being called` }
    case 'waiting':
      return {
        step: 'relay',
        state: 'failed',
        what: `the ${place} at ${address} does not answer${lastError === undefined ? '' : `: ${lastError}`}`,
        advice: 'check that it runs, that the address is right, and that no firewall is between; it is tried again and again',
      }
  }
}

function localNetwork({ surroundings, relays: all }: Facts): readonly ConnectionFinding[] {
  const { localNetwork: permission, pageProtocol } = surroundings
  // A page of this very machine reaches the machine without asking.
  const isConcerned = all.some(
    ({ isLocal, isLoopback, status }) => isLocal && status.state === 'waiting' && (pageProtocol === 'https:' || !isLoopback),
  )
  if (!isConcerned || pageProtocol === undefined) return []
  const what = {
    denied: 'this page may not reach devices in the local network: the browser was told so',
    prompt: 'the browser asks before this page may reach devices in the local network, and nobody has answered yet',
    granted: undefined,
  }[permission ?? 'granted']
  if (what === undefined) return []
  const advice = 'allow “local network access” for this page (the icon beside the address), or use a /webrtc-direct address of the relay'
  return [{ step: 'permission', state: 'failed', what, advice }]
}

function presence({ relays: all, session, addresses: own }: Facts): readonly ConnectionFinding[] {
  const answering = all.filter(({ status }) => status.state === 'reserved' || status.state === 'connected')
  if (answering.length === 0) return []
  const knowing = answering.filter(({ knowsPeer }) => knowsPeer)
  if (knowing.length > 0)
    return [{ step: 'presence', state: 'ok', what: `the peer is at ${knowing.map(({ status }) => status.address).join(' and ')}` }]
  if (session !== undefined || own.length > 0) return []
  return [
    {
      step: 'presence',
      state: 'failed',
      what: 'no relay of this node knows the peer',
      advice:
        'it is not running, uses another relay, has no collection in common with this node, or another room: compare p2p.info(), the relays, the schemas and the rooms of both sides',
    },
  ]
}

function addresses({ addresses: own, session }: Facts): readonly ConnectionFinding[] {
  if (session !== undefined) return []
  return own.map(({ address, advice }) =>
    advice === undefined
      ? { step: 'address', state: 'ok', what: `the peer is dialled at ${address}` }
      : { step: 'address', state: 'failed', what: `${address} cannot be dialled from here`, advice },
  )
}

function signalling({ attempt, dials, session, relays: all }: Facts): readonly ConnectionFinding[] {
  if (session !== undefined && session.link !== 'relayed') return []
  if (!all.some(({ knowsPeer }) => knowsPeer)) return []
  if (attempt === undefined) {
    if (dials) return [{ step: 'signalling', state: 'unknown', what: 'no attempt has been made yet' }]
    return [
      {
        step: 'signalling',
        state: 'unknown',
        what: 'the other side dials, and knows more',
        advice: 'ask there: p2p.explain of this node’s ID',
      },
    ]
  }
  const reached = ATTEMPT_STAGES.indexOf(attempt.stage)
  if (reached >= ATTEMPT_STAGES.indexOf('answered'))
    return [{ step: 'signalling', state: 'ok', what: 'offer and answer went through the relay' }]
  if (attempt.milliseconds === undefined) return [{ step: 'signalling', state: 'unknown', what: 'an attempt is under way' }]
  const what = {
    dialling: 'the way through the relay to the peer could not be opened',
    relayed: 'the peer was reached through the relay, but took no offer',
    signalling: 'the peer was reached through the relay, but took no offer',
    offered: 'the peer took the offer, and did not answer it',
  }[attempt.stage === 'answered' || attempt.stage === 'checking' || attempt.stage === 'connected' ? 'offered' : attempt.stage]
  const advice = 'the peer may have just left, or its page sleeps; it is tried again'
  return [{ step: 'signalling', state: 'failed', what: `${what}${errorOf(attempt.error)}`, advice }]
}

function ice(facts: Facts): readonly ConnectionFinding[] {
  const { attempt, pair, session, iceServers } = facts
  if (pair !== undefined) return [{ step: 'ice', state: 'ok', what: `the direct way is ${pairWords(pair.local, pair.remote)}` }]
  if (session !== undefined && session.link !== 'relayed') return []
  const hasTried = attempt?.milliseconds !== undefined && attempt.error !== undefined
  if (!hasTried || !['answered', 'checking'].includes(attempt.stage)) return []
  return [{ step: 'ice', state: 'failed', ...iceFailure(attempt.local, attempt.remote, iceServers) }]
}

/** Why no pair of candidates worked, as far as their kinds tell. */
function iceFailure(
  local: readonly CandidateKind[] | undefined,
  remote: readonly CandidateKind[],
  iceServers: number,
): { readonly what: string; readonly advice: string } {
  const failed = 'no direct way was found'
  if (iceServers === 0) {
    return {
      what: `${failed}: this node asks no STUN server, so it can only be reached from its own network`,
      advice: 'use a relay that offers STUN, as warrendb-relay does, or name a server in p2p.iceServers',
    }
  }
  if (local !== undefined && !local.includes('srflx') && !local.includes('relay')) {
    return {
      what: `${failed}: the STUN server did not answer this node, so UDP seems to be blocked here`,
      advice: 'let UDP out through the firewall, to the STUN port of the relay (3478); until then data goes through the relay',
    }
  }
  if (remote.length > 0 && !remote.includes('srflx') && !remote.includes('relay')) {
    return {
      what: `${failed}: the peer sent only addresses of its own network, so it has no STUN server, or UDP is blocked there`,
      advice: 'look at p2p.explain on the other side',
    }
  }
  return {
    what: `${failed}, though both sides know their public addresses: one of them is behind a NAT that takes another port for each destination`,
    advice: 'data goes through the relay; a TURN server in p2p.iceServers would give a way of its own',
  }
}

function path(facts: Facts): readonly ConnectionFinding[] {
  const { session, relayedData } = facts
  if (session === undefined) {
    if (relayedData || facts.attempt?.error === undefined) return []
    return [
      {
        step: 'path',
        state: 'warning',
        what: 'data may not go through a relay here (p2p.relayedData: false)',
        advice: 'allow it, and a direct way is not needed',
      },
    ]
  }
  const time = session.roundTrip === undefined ? '' : `, round trip ${Math.max(1, Math.round(session.roundTrip))} ms`
  if (session.link === 'relayed') {
    return [
      {
        step: 'path',
        state: 'warning',
        what: `connected through the relay, encrypted from end to end${time}; a direct way is looked for in the background`,
      },
    ]
  }
  return [{ step: 'path', state: 'ok', what: `connected directly by ${LINK_WORDS[session.link]}${time}` }]
}

const LINK_WORDS = { webrtc: 'WebRTC', 'webrtc-direct': 'WebRTC-direct', websocket: 'WebSocket', tcp: 'TCP' } as const

function sync({ session }: Facts): readonly ConnectionFinding[] {
  if (session === undefined) return []
  if (session.collections.length === 0) {
    const advice = 'add the same types on both sides; a type with other fields is another collection'
    return [{ step: 'sync', state: 'warning', what: 'the two have no collection in common', advice }]
  }
  const names = session.collections.join(', ')
  return [{ step: 'sync', state: 'ok', what: session.inSync ? `in sync: ${names}` : `exchanging ${names}` }]
}

function pairWords(local: CandidateKind, remote: CandidateKind): string {
  return `from ${CANDIDATE_WORDS[local]} here to ${CANDIDATE_WORDS[remote]} there`
}

const CANDIDATE_WORDS: Readonly<Record<CandidateKind, string>> = {
  host: 'an address of the machine',
  srflx: 'the address that the STUN server sees',
  prflx: 'an address that showed on the way',
  relay: 'a TURN server',
}

function errorOf(error: string | undefined): string {
  return error === undefined ? '' : ` (${error})`
}
