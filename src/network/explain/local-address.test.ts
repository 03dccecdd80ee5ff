import { expect, it } from 'vitest'

import { isLocalAddress } from './local-address.ts'

it.each([
  ['/ip4/192.168.1.5/tcp/9191/ws', true],
  ['/ip4/172.16.0.1/tcp/1', true],
  ['/ip4/127.0.0.1/udp/9191/webrtc-direct', true],
  ['/ip6/fd00::1/tcp/1', true],
  ['/ip6/fe80::1/tcp/1', true],
  ['/dns4/relay.local/tcp/1', true],
  ['/ip4/172.32.0.1/tcp/1', false],
  ['/ip4/203.0.113.5/tcp/1', false],
  ['/ip6/2001:db8::1/tcp/1', false],
  ['/dns4/relay.example/tcp/443/tls/ws', false],
])('%s', (address, isLocal) => {
  expect(isLocalAddress(address)).toBe(isLocal)
})
