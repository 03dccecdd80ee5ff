import { DatabaseError } from '../errors.ts'
import { DEFAULT_API_PORT } from '../http/paths.ts'

/** A host name or an IP address, one of version 6 in brackets; a scheme before it counts for clients alone. */
const ADDRESS = /^(?:https?:\/\/)?(?:\[(?<bracketed>[0-9a-f:.]+)\]|(?<plain>[^\s:/[\]]*))(?::(?<port>\d{1,5}))?\/?$/i
const HIGHEST_PORT = 65_535

/** `127.0.0.1:9181`, `:9181` on all interfaces, `[::1]:9181`, `localhost`. @throws INVALID_ARGUMENT */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const {
    bracketed,
    plain = '',
    port = String(DEFAULT_API_PORT),
  } = (address === '' ? undefined : ADDRESS.exec(address)?.groups) ?? { port: '' }
  if (port !== '' && Number(port) <= HIGHEST_PORT) return { host: bracketed ?? (plain === '' ? '0.0.0.0' : plain), port: Number(port) }
  throw new DatabaseError('INVALID_ARGUMENT', `"${address}" is no address to listen on; one looks like "127.0.0.1:${DEFAULT_API_PORT}"`, {
    argument: 'url',
    value: address,
  })
}
