import fc from 'fast-check'
import { expect, test } from 'vitest'

import { invitationOf, parsePageAddress, printPageAddress, type PageAddress } from './page-address.ts'

const RELAY = '/ip4/127.0.0.1/tcp/9190/ws/p2p/12D3KooWExample'

test('a relay in the fragment is read as it stands', () => {
  expect(parsePageAddress(`#relay=${RELAY}`)).toEqual({ relay: RELAY })
})

test('an empty relay asks for no relay, an absent one for that of the server', () => {
  expect(parsePageAddress('#relay=')).toEqual({ relay: '' })
  expect(parsePageAddress('')).toEqual({})
})

test('an invitation is a part of the fragment, as the database writes it', () => {
  const address = parsePageAddress('#invite=AQ_b-c')
  expect(address).toEqual({ invite: 'AQ_b-c' })
  expect(invitationOf(address)).toBe('#invite=AQ_b-c')
  expect(printPageAddress(address)).toBe('#invite=AQ_b-c')
  expect(invitationOf(parsePageAddress('#invite='))).toBeUndefined()
})

test('what the page does not know is left out', () => {
  expect(parsePageAddress('#storage=floppy&colour=green&schema=')).toEqual({})
})

test('a relay keeps its slashes in a printed fragment', () => {
  expect(printPageAddress({ relay: RELAY })).toBe(`#relay=${RELAY}`)
  expect(printPageAddress({})).toBe('')
})

test('what is printed is read back the same', () => {
  const addresses: fc.Arbitrary<PageAddress> = fc.record(
    {
      relay: fc.string({ unit: 'grapheme' }).map((text) => text.trim()),
      schema: fc.string({ unit: 'grapheme' }).filter((text) => text.trim() !== ''),
      invite: fc.stringMatching(/^[\w-]+$/),
      storage: fc.constant('memory' as const),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(addresses, (address) => {
      expect(parsePageAddress(printPageAddress(address))).toEqual(address)
    }),
  )
})
