/*
 * The part of STUN (RFC 8489) that tells a node how the internet sees it: a binding request and its answer. Numbers are in network order.
 *
 *     message    = type (2)  length of what follows the header (2)  0x2112A442 (4)  transaction (12)  attributes
 *     attribute  = type (2)  length (2)  value, padded to 4 bytes. A type below 0x8000 must be understood.
 *
 *     0x0001  binding request
 *     0x0101  success: 0x0020 XOR-MAPPED-ADDRESS = 0 (1)  family: 1 IPv4, 2 IPv6 (1)  port (2)  address (4 or 16)
 *             The port is XORed with the first bytes of the header from 0x2112A442 on, and so is the address.
 *     0x0111  error:   0x0009 ERROR-CODE = 0 (2)  class (1)  number (1)   and   0x000A UNKNOWN-ATTRIBUTES = their types (2 each)
 */
import { concatBytes } from '../src/util/bytes.ts'

const HEADER_BYTES = 20
const COOKIE = 0x2112a442
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const BINDING_ERROR = 0x0111
const ERROR_CODE = 0x0009
const UNKNOWN_ATTRIBUTES = 0x000a
const XOR_MAPPED_ADDRESS = 0x0020
const OPTIONAL = 0x8000

/** No request over UDP is longer (RFC 8489, 6.1: what fits without knowing the path, 576 bytes with the headers of IP and UDP). */
const MAX_REQUEST_BYTES = 548
/** Types that are named in an answer, so that it never grows beyond its request. */
const MAX_NAMED = 4

/** What must be understood and is: attributes of RFC 8489, which mean nothing to a service without passwords. */
const UNDERSTOOD: ReadonlySet<number> = new Set([0x01, 0x06, 0x08, 0x09, 0x0a, 0x14, 0x15, 0x1c, 0x1d, 0x1e, 0x20])

export interface BindingRequest {
  /** The magic number and the transaction: 16 bytes, which the answer repeats. */
  readonly identity: Uint8Array
  /** Types of attributes that must be understood and are not. */
  readonly unknown: readonly number[]
}

/** Who sent a packet. */
export interface Source {
  readonly address: string
  readonly port: number
}

/** `undefined` for anything that is no whole binding request. */
export function parseBindingRequest(packet: Uint8Array): BindingRequest | undefined {
  const { length } = packet
  if (length < HEADER_BYTES || length > MAX_REQUEST_BYTES || length % 4 !== 0) return undefined
  const view = new DataView(packet.buffer, packet.byteOffset, length)
  if (view.getUint16(0) !== BINDING_REQUEST || view.getUint16(2) !== length - HEADER_BYTES || view.getUint32(4) !== COOKIE) return undefined
  const unknown: number[] = []
  let at = HEADER_BYTES
  while (at < length) {
    const type = view.getUint16(at)
    at += 4 + Math.ceil(view.getUint16(at + 2) / 4) * 4
    if (type < OPTIONAL && !UNDERSTOOD.has(type) && unknown.length < MAX_NAMED) unknown.push(type)
  }
  return at === length ? { identity: packet.slice(4, HEADER_BYTES), unknown } : undefined
}

/** The answer to a request. `undefined` for a source that is no IP address. */
export function answerBinding({ identity, unknown }: BindingRequest, source: Source): Uint8Array | undefined {
  if (unknown.length > 0) {
    const refused = attribute(ERROR_CODE, Uint8Array.of(0, 0, 4, 20))
    return message(BINDING_ERROR, identity, refused, attribute(UNKNOWN_ATTRIBUTES, concatBytes(...unknown.map(uint16))))
  }
  const address = addressBytes(source.address)
  if (address === undefined) return undefined
  const family = address.length === 4 ? 1 : 2
  const mapped = concatBytes(Uint8Array.of(0, family), xor(uint16(source.port), identity), xor(address, identity))
  return message(BINDING_SUCCESS, identity, attribute(XOR_MAPPED_ADDRESS, mapped))
}

function message(type: number, identity: Uint8Array, ...attributes: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...attributes)
  return concatBytes(uint16(type), uint16(body.length), identity, body)
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  return concatBytes(uint16(type), uint16(value.length), value, new Uint8Array((4 - (value.length % 4)) % 4))
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff)
}

function xor(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => byte ^ (key[at] ?? 0))
}

/** The 4 or 16 bytes of an address as `node:dgram` writes it. */
function addressBytes(text: string): Uint8Array | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return Uint8Array.from(text.split('.').map(Number))
  const [head = '', tail] = text.replace(/%.*$/, '').split('::')
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  const zeros = 8 - left.length - right.length
  if (zeros < 0 || (tail === undefined && zeros !== 0)) return undefined
  const groups = [...left, ...Array.from({ length: zeros }, () => 0), ...right]
  return groups.every((group) => group >= 0 && group <= 0xffff) ? concatBytes(...groups.map(uint16)) : undefined
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
