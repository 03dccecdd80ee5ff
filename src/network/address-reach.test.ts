import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { reachOf } from './address-reach.ts'

test.each([
  ['/dns4/relay.example/tcp/1', 'name'],
  // It only begins like an address.
  ['/dns4/10.example/tcp/1', 'name'],
  ['/dns4/fd.example/tcp/1', 'name'],
  ['/dns4/localhost/tcp/1', 'loopback'],
  ['/ip4/127.0.0.1/tcp/1', 'loopback'],
  ['/ip6/::1/tcp/1', 'loopback'],
  ['/ip4/169.254.3.4/tcp/1', 'link'],
  ['/ip6/fe80::1/tcp/1', 'link'],
  ['/ip4/10.1.2.3/tcp/1', 'home'],
  ['/ip4/192.168.1.5/tcp/1', 'home'],
  ['/ip4/172.16.0.1/tcp/1', 'internal'],
  ['/ip6/fd00::1/tcp/1', 'internal'],
  ['/ip4/100.64.0.1/tcp/1', 'carrier'],
  ['/ip4/172.32.0.1/tcp/1', 'internet'],
  ['/ip4/203.0.113.5/tcp/1', 'internet'],
  ['/ip6/2001:db8::1/tcp/1', 'internet'],
])('%s', (address, reach) => {
  expect(reachOf(multiaddr(address))).toBe(reach)
})
