import { networkInterfaces } from 'node:os'

import { startRelay } from '../relay/relay.ts'
import { expect, test } from './support/stage.ts'
import { openTab } from './support/tab.ts'

/** Where another machine of the network would reach this one: on the loopback nodes do not ask for STUN. */
const host = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

for (const kind of ['/ws/', '/webrtc-direct/']) {
  test(`two tabs ask the STUN service of the relay that they reach at ${kind}, and connect directly`, async ({ context, site }) => {
    test.skip(host === undefined, 'this machine has no network')
    const relay = await startRelay({ port: 0, host: host ?? '', webRtcDirect: true, stunPort: 0 })
    const address = relay.addresses.find((address) => address.includes(kind)) ?? ''
    const a = await openTab(context, site.url, address)
    const b = await openTab(context, site.url, address)
    await a.expectPeers(await b.peerId())
    await b.expectPeers(await a.peerId())
    await expect.poll(async () => (await relay.report()).stunAnswered).toBeGreaterThan(1)
    await relay.close()
  })
}
