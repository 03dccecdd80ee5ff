import { multiaddr } from '@multiformats/multiaddr'

import { reachOf, type Reach } from '../address-reach.ts'
import { isLoopback } from '../addresses.ts'

const LOCAL: readonly Reach[] = ['home', 'internal', 'link', 'loopback']

/** Whether an address is one of this machine or of a private network, where browsers may ask before a page reaches it. */
export function isLocalAddress(text: string): boolean {
  const address = multiaddr(text)
  return LOCAL.includes(reachOf(address)) || address.getComponents()[0]?.value?.endsWith('.local') === true
}

/** Whether an address is one of this machine. */
export function isLoopbackAddress(text: string): boolean {
  return isLoopback(multiaddr(text))
}
