import { expect, test } from 'vitest'

import { bytesToHex, hexToBytes } from '../src/util/bytes.ts'
import { answerBinding, parseBindingRequest } from './stun-message.ts'

const COOKIE = '2112a442'
const TRANSACTION = 'b7e7a701bc34d686fa87dfae'
const PLAIN = `00010000${COOKIE}${TRANSACTION}`

function request(hex: string): NonNullable<ReturnType<typeof parseBindingRequest>> {
  const parsed = parseBindingRequest(hexToBytes(hex))
  if (parsed === undefined) throw new Error(`"${hex}" is no request`)
  return parsed
}

// The addresses and their values are those of RFC 5769, 2.2 and 2.3.
test.each([
  ['192.0.2.1', `0101000c${COOKIE}${TRANSACTION}002000080001a147e112a643`],
  ['2001:db8:1234:5678:11:2233:4455:6677', `01010018${COOKIE}${TRANSACTION}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`],
])('a request from %s is answered with its address', (address, answer) => {
  expect(bytesToHex(answerBinding(request(PLAIN), { address, port: 32_853 }) ?? new Uint8Array())).toBe(answer)
})

test.each([
  ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::', '20010db8000000000000000000000000'],
])('the address %s has its bytes', (address, hex) => {
  const answer = answerBinding(request(PLAIN), { address, port: 1 }) ?? new Uint8Array()
  const key = hexToBytes(`${COOKIE}${TRANSACTION}`)
  expect(bytesToHex(answer.slice(28).map((byte, at) => byte ^ (key[at] ?? 0)))).toBe(hex)
})

test('attributes that need not be understood are passed over', () => {
  // SOFTWARE, with three bytes and one that fills up.
  expect(request(`00010008${COOKIE}${TRANSACTION}80220003616263ff`).unknown).toEqual([])
})

test('an attribute that must be understood and is not is named', () => {
  // CHANGE-REQUEST, which would have the answer come from elsewhere.
  const asked = request(`00010008${COOKIE}${TRANSACTION}0003000400000006`)
  expect(bytesToHex(answerBinding(asked, { address: '192.0.2.1', port: 1 }) ?? new Uint8Array())).toBe(
    `01110010${COOKIE}${TRANSACTION}0009000400000414000a000200030000`,
  )
})

test.each([
  ['nothing', ''],
  ['a header that ends early', PLAIN.slice(0, -2)],
  ['another magic number', `000100002112a443${TRANSACTION}`],
  ['an answer', `01010000${COOKIE}${TRANSACTION}`],
  ['an indication', `00110000${COOKIE}${TRANSACTION}`],
  ['more than its length says', `${PLAIN}00000000`],
  ['less than its length says', `00010004${COOKIE}${TRANSACTION}`],
  ['an attribute that goes beyond the end', `00010004${COOKIE}${TRANSACTION}80220004`],
  ['a length that is no multiple of four', `00010003${COOKIE}${TRANSACTION}000000`],
  ['more than fits into a datagram', `00010300${COOKIE}${TRANSACTION}${'80220000'.repeat(192)}`],
])('%s is no request', (_, hex) => {
  expect(parseBindingRequest(hexToBytes(hex))).toBeUndefined()
})

test('an answer is hardly longer than its request, whatever is asked', () => {
  const asked = request(`00010020${COOKIE}${TRANSACTION}${'7fff0000'.repeat(8)}`)
  expect(answerBinding(asked, { address: '192.0.2.1', port: 1 })?.length).toBeLessThanOrEqual(52)
})
