import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { createIceServers, stunUrl } from './ice-servers.ts'
import { MAX_STUN_SERVERS } from './limits.ts'

const RELAY = multiaddr('/ip4/192.0.2.1/tcp/9191/ws')

test.each([
  ['/ip4/192.0.2.1/tcp/9191/ws', 'stun:192.0.2.1:3478'],
  ['/ip6/2001:db8::1/udp/9191/webrtc-direct', 'stun:[2001:db8::1]:3478'],
  ['/dns4/relay.example/tcp/443/tls/ws', 'stun:relay.example:3478'],
  ['/dns6/relay.example/tcp/443/tls/ws', 'stun:relay.example:3478'],
  ['/dns/relay.example/tcp/443/wss', 'stun:relay.example:3478'],
  ['/ip4/127.0.0.1/tcp/9191/ws', undefined],
  ['/ip6/::1/tcp/9191/ws', undefined],
  ['/dns4/localhost/tcp/9191/ws', undefined],
  ['/dnsaddr/relay.example', undefined],
])('the relay at %s answers STUN requests at %s', (address, url) => {
  expect(stunUrl(multiaddr(address), 3478)).toBe(url)
})

test('the services of relays are used while these are there', () => {
  const servers = createIceServers(undefined)
  expect(servers.forPeers()).toEqual([])
  servers.learn(RELAY, 3478)
  servers.learn(multiaddr('/ip4/192.0.2.1/udp/9191/webrtc-direct'), 3478)
  expect(servers.forPeers()).toEqual([{ urls: 'stun:192.0.2.1:3478' }])
  expect(servers.forDirect()).toEqual([])
  servers.learn(multiaddr('/ip4/192.0.2.1/udp/9191/webrtc-direct'), 0)
  servers.forget(RELAY)
  expect(servers.forPeers()).toEqual([])
})

test('more services than are useful are not asked', () => {
  const servers = createIceServers(undefined)
  for (let index = 1; index < 10; index++) servers.learn(multiaddr(`/ip4/192.0.2.${index}/tcp/9191/ws`), 3478)
  expect(servers.forPeers()).toHaveLength(MAX_STUN_SERVERS)
})

test('servers that are given replace those of the relays, and none is a choice too', () => {
  const given = [{ urls: 'turn:turn.example' }]
  for (const chosen of [given, []]) {
    const servers = createIceServers(chosen)
    servers.learn(RELAY, 3478)
    expect(servers.forPeers()).toEqual(chosen)
    expect(servers.forDirect()).toEqual(chosen)
  }
})
