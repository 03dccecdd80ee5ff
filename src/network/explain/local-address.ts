import { multiaddr } from '@multiformats/multiaddr'

/** Whether an address is one of this machine or of a private network (RFC 1918, RFC 4193, RFC 3927, RFC 4291), where browsers may ask before a page reaches it. */
export function isLocalAddress(text: string): boolean {
  const [host] = multiaddr(text).getComponents()
  const value = host?.value ?? ''
  if (host?.name === 'ip4') return /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(value)
  if (host?.name === 'ip6') return value === '::1' || /^f[cd]|^fe[89ab]/i.test(value)
  return value === 'localhost' || value.endsWith('.local')
}

/** Whether an address is one of this machine. */
export function isLoopbackAddress(text: string): boolean {
  const [host] = multiaddr(text).getComponents()
  const value = host?.value ?? ''
  return value.startsWith('127.') || value === '::1' || value === 'localhost'
}
