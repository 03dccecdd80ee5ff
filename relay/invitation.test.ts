import { expect, test } from 'vitest'

import { bestFirst, hostForOthers, invite } from './invitation.ts'

const NAME = '/dns/relay.example/tcp/9191/tls/ws'
const PUBLIC_DIRECT = '/ip4/203.0.113.7/udp/9191/webrtc-direct'
const HOME_DIRECT = '/ip4/192.168.1.5/udp/9191/webrtc-direct'
const HOME = '/ip4/192.168.1.5/tcp/9191/ws'
const CONTAINERS = '/ip4/172.17.0.1/tcp/9191/ws'
const LOOPBACK = '/ip4/127.0.0.1/tcp/9191/ws'
const LOOPBACK_DIRECT = '/ip4/127.0.0.1/udp/9191/webrtc-direct'

test('the address that most can reach is the first', () => {
  const best = [NAME, PUBLIC_DIRECT, HOME_DIRECT, HOME, CONTAINERS, LOOPBACK, LOOPBACK_DIRECT]
  expect(bestFirst(best.toReversed())).toEqual(best)
})

test('this machine is shown under the address at which others reach it', () => {
  expect(hostForOthers([LOOPBACK, HOME, NAME])).toBe('192.168.1.5')
  expect(hostForOthers([NAME])).toBe('127.0.0.1')
})

test('an invitation has the best address, and that of the page before it', () => {
  expect(invite([LOOPBACK, HOME], false, undefined)).toEqual({ address: HOME, link: undefined, text: HOME })
  const link = `https://example.org/app#relay=${HOME}`
  expect(invite([LOOPBACK, HOME], false, 'https://example.org/app#old')).toEqual({ address: HOME, link, text: link })
})

test('of announced addresses the owner has put the best first', () => {
  expect(invite([HOME, NAME], true, undefined).address).toBe(HOME)
})

test('a relay without addresses invites nobody', () => {
  expect(invite([], false, 'https://example.org/')).toEqual({ address: undefined, link: undefined, text: undefined })
})
