import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { linkOf } from './addresses.ts'

const PEER = '12D3KooWMyGWk1Uq3kg2r1RX3iyKRSTHruHuGd2eFbX2QeskhPh2'
const DIRECT = '/ip4/192.0.2.1/udp/9191/webrtc-direct/certhash/uEiAIYEWlsHNC3lkzXZfK1jq62YakJrH1rWB2adEQxLvYlw'

test.each([
  ['/ip4/192.0.2.1/tcp/4001', 'tcp'],
  ['/ip4/192.0.2.1/tcp/9191/ws', 'websocket'],
  ['/dns4/relay.example/tcp/443/tls/ws', 'websocket'],
  [DIRECT, 'webrtc-direct'],
  [`/ip4/192.0.2.1/tcp/9191/ws/p2p/${PEER}/p2p-circuit/p2p/${PEER}`, 'relayed'],
  [`${DIRECT}/p2p/${PEER}/p2p-circuit/p2p/${PEER}`, 'relayed'],
  [`/ip4/192.0.2.1/tcp/9191/ws/p2p/${PEER}/p2p-circuit/webrtc/p2p/${PEER}`, 'webrtc'],
  [`${DIRECT}/p2p/${PEER}/p2p-circuit/webrtc/p2p/${PEER}`, 'webrtc'],
])('a connection with %s is %s', (address, link) => {
  expect(linkOf(multiaddr(address))).toBe(link)
})
