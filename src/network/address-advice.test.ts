import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { adviceForPage } from './address-advice.ts'

const PEER = '/p2p/12D3KooWCG4fapuyNDr3HPs1AmrFuRvBfcz1jY7uDgD3FdYT28LA'

test.each([
  ['/ip4/192.168.1.5/tcp/9191/ws', 'http:', undefined],
  ['/ip4/192.168.1.5/tcp/9191/ws', 'https:', 'allow the page to access the local network'],
  ['/dns4/relay.example/tcp/443/tls/ws', 'https:', undefined],
  ['/dns4/relay.example/tcp/443/wss', 'https:', undefined],
  ['/ip4/192.168.1.5/tcp/9171', 'http:', 'cannot dial TCP'],
  [`/ip4/192.168.1.5/tcp/9191/ws${PEER}/p2p-circuit/webrtc`, 'https:', undefined],
])('%s from a page over %s', (address, protocol, advice) => {
  const given = adviceForPage(multiaddr(address + PEER), protocol)
  if (advice === undefined) expect(given).toBeUndefined()
  else expect(given).toContain(advice)
})
