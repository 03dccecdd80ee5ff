import { describe, expect, it } from 'vitest'

import type { ConnectionReport } from '../../database/database.ts'
import type { Attempt } from '../attempt-log.ts'
import type { Facts, RelayFacts, SessionFacts } from './facts.ts'
import { reportOf } from './report.ts'

const PEER = '12D3KooWPeer'
const RELAY = '/dns4/relay.example/tcp/443/tls/ws/p2p/12D3KooWRelay'

function someFacts(facts: Partial<Facts> = {}): Facts {
  return {
    peer: PEER,
    isSelf: false,
    refusal: undefined,
    isParted: false,
    dials: true,
    relayedData: true,
    session: undefined,
    surroundings: { isOnline: true },
    relays: [aRelay()],
    addresses: [],
    attempt: undefined,
    iceServers: 1,
    pair: undefined,
    ...facts,
  }
}

function aRelay(state: RelayFacts['status']['state'] = 'reserved', facts: Partial<RelayFacts> = {}): RelayFacts {
  return { status: { address: RELAY, state, known: 1 }, knowsPeer: true, isLocal: false, isLoopback: false, ...facts }
}

function aSession(facts: Partial<SessionFacts> = {}): SessionFacts {
  return { link: 'webrtc', roundTrip: 12.4, inSync: true, collections: ['Note'], ...facts }
}

function anAttempt(facts: Partial<Attempt> = {}): Attempt {
  return {
    stage: 'checking',
    startedAt: 0,
    milliseconds: 6000,
    error: 'signal timed out',
    remote: ['host', 'srflx'],
    local: ['host', 'srflx'],
    ...facts,
  }
}

/** The finding of one step. */
function finding(report: ConnectionReport, step: string): ConnectionReport['findings'][number] | undefined {
  return report.findings.find((candidate) => candidate.step === step)
}

describe('the report of a peer that is connected', () => {
  it('says how, by which addresses and with what', () => {
    const report = reportOf(someFacts({ session: aSession(), pair: { local: 'srflx', remote: 'host' } }))
    expect(report).toMatchObject({ peer: PEER, link: 'webrtc', summary: 'connected directly by WebRTC, round trip 12 ms' })
    expect(finding(report, 'ice')?.what).toBe(
      'the direct way is from the address that the STUN server sees here to an address of the machine there',
    )
    expect(finding(report, 'sync')).toMatchObject({ state: 'ok', what: 'in sync: Note' })
    expect(report.findings.every(({ state }) => state === 'ok')).toBe(true)
  })

  it('says why data goes through the relay', () => {
    const report = reportOf(someFacts({ session: aSession({ link: 'relayed' }), attempt: anAttempt() }))
    expect(report.summary).toContain('connected through the relay')
    expect(finding(report, 'ice')).toMatchObject({ state: 'failed', what: expect.stringContaining('another port for each destination') })
  })

  it('says that the two have nothing in common', () => {
    expect(finding(reportOf(someFacts({ session: aSession({ collections: [] }) })), 'sync')).toMatchObject({ state: 'warning' })
  })
})

describe('the report of a peer that is not connected', () => {
  it.each<[string, Partial<Facts>, string, string]>([
    ['it is this node', { isSelf: true }, 'peer', 'this node itself'],
    ['it broke the rules', { refusal: 'is blocked' }, 'peer', 'keeps the peer off: it is blocked'],
    ['it was disconnected on purpose', { isParted: true }, 'peer', 'p2p.disconnect'],
    ['there is no way to it', { relays: [] }, 'relay', 'knows no relay'],
    ['the relay is away', { relays: [aRelay('waiting', { knowsPeer: false })] }, 'relay', 'does not answer'],
    [
      'the relay does not know it',
      { relays: [aRelay('reserved', { knowsPeer: false })] },
      'presence',
      'no relay of this node knows the peer',
    ],
    [
      'it cannot be dialled from here',
      { relays: [], addresses: [{ address: '/ip4/1.2.3.4/tcp/1', advice: 'a page cannot dial TCP' }] },
      'address',
      'cannot be dialled from here',
    ],
    ['it left during the offer', { attempt: anAttempt({ stage: 'relayed' }) }, 'signalling', 'took no offer (signal timed out)'],
    ['it did not answer', { attempt: anAttempt({ stage: 'offered' }) }, 'signalling', 'did not answer it'],
    ['there is no STUN', { attempt: anAttempt(), iceServers: 0 }, 'ice', 'asks no STUN server'],
    ['UDP is blocked here', { attempt: anAttempt({ local: ['host'] }) }, 'ice', 'UDP seems to be blocked here'],
    ['UDP is blocked there', { attempt: anAttempt({ remote: ['host'] }) }, 'ice', 'only addresses of its own network'],
    ['a NAT is in the way', { attempt: anAttempt() }, 'ice', 'another port for each destination'],
  ])('tells that %s, and what to try', (_, facts, step, what) => {
    const report = reportOf(someFacts(facts))
    expect(report.summary).toContain(what)
    expect(finding(report, step)).toMatchObject({ state: 'failed', what: report.summary })
    if (step !== 'peer') expect(report.findings.some(({ advice }) => advice !== undefined)).toBe(true)
  })

  it('knows of the permission that Chromium asks for', () => {
    const relays = [aRelay('waiting', { isLocal: true, knowsPeer: false })]
    for (const localNetwork of ['denied', 'prompt'] as const) {
      const report = reportOf(someFacts({ relays, surroundings: { isOnline: true, pageProtocol: 'https:', localNetwork } }))
      expect(finding(report, 'permission')).toMatchObject({ state: 'failed', advice: expect.stringContaining('local network access') })
    }
    const onThisMachine = [aRelay('waiting', { isLocal: true, isLoopback: true, knowsPeer: false })]
    const here = reportOf(
      someFacts({ relays: onThisMachine, surroundings: { isOnline: true, pageProtocol: 'http:', localNetwork: 'prompt' } }),
    )
    expect(finding(here, 'permission')).toBeUndefined()
    const allowed = reportOf(someFacts({ relays, surroundings: { isOnline: true, pageProtocol: 'https:', localNetwork: 'granted' } }))
    expect(finding(allowed, 'permission')).toBeUndefined()
  })

  it('says what it waits for while nothing has failed', () => {
    expect(reportOf(someFacts({ dials: false })).summary).toContain('the other side dials')
    expect(reportOf(someFacts({ relays: [aRelay('connecting', { knowsPeer: false })] })).summary).toContain('is being called')
    const running = { stage: 'dialling', startedAt: 0, remote: [] } as const
    expect(reportOf(someFacts({ attempt: running })).summary).toContain('under way')
  })
})
