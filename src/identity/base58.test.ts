import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, it } from 'vitest'

import { encodeText, hexToBytes } from '../util/bytes.ts'
import { bytesToBase58 } from './base58.ts'

it('spells bytes as the draft of base58 does', () => {
  expect(bytesToBase58(encodeText('Hello World!'))).toBe('2NEpo7TZRRrLZSi2U')
  expect(bytesToBase58(encodeText('The quick brown fox jumps over the lazy dog.'))).toBe(
    'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z',
  )
  expect(bytesToBase58(hexToBytes('0000287fb4cd'))).toBe('11233QC4')
})

it('spells any bytes as multiformats does, zero bytes in front included', () => {
  const zeros = fc.nat({ max: 4 }).map((length) => new Uint8Array(length))
  fc.assert(
    fc.property(zeros, fc.uint8Array({ maxLength: 70 }), (front, rest) => {
      const bytes = Uint8Array.of(...front, ...rest)
      expect(`z${bytesToBase58(bytes)}`).toBe(base58btc.encode(bytes))
    }),
  )
})
