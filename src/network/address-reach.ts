import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * From where an address leads to its host, by the host alone:
 *
 * | reach | hosts |
 * |---|---|
 * | name | those of DNS, but for `localhost` |
 * | home | 10/8 and 192.168/16 of RFC 1918, which homes and offices have |
 * | internal | 172.16/12 of RFC 1918 and those of RFC 4193, where containers and providers have their inner networks |
 * | carrier | 100.64/10 of RFC 6598: behind the NAT of a provider |
 * | link | RFC 3927, RFC 4291: one cable |
 * | loopback | this machine |
 * | internet | the rest |
 */
export type Reach = 'name' | 'internet' | 'home' | 'internal' | 'carrier' | 'link' | 'loopback'

export function reachOf(address: Multiaddr): Reach {
  const [first] = address.getComponents()
  const host = first?.value ?? ''
  if (first?.name.startsWith('dns') === true) return host === 'localhost' ? 'loopback' : 'name'
  if (first?.name === 'ip6') {
    if (host === '::1') return 'loopback'
    if (/^fe[89ab]/i.test(host)) return 'link'
    return /^f[cd]/i.test(host) ? 'internal' : 'internet'
  }
  const [one = 0, two = 0] = host.split('.').map(Number)
  if (one === 127) return 'loopback'
  if (one === 169 && two === 254) return 'link'
  if (one === 10 || (one === 192 && two === 168)) return 'home'
  if (one === 172 && two >= 16 && two < 32) return 'internal'
  return one === 100 && two >= 64 && two < 128 ? 'carrier' : 'internet'
}
