import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sha256 } from '../block/sha256.ts'
import { isFailure, type DatabaseError } from '../errors.ts'
import { base64UrlToBytes, bytesToBase64Url } from '../util/base64url.ts'
import { concatBytes } from '../util/bytes.ts'
import { isInvitation, parseInvitation, printInvitation, type InvitationContent } from './invitation.ts'

const PEER = '12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'
const RELAY = '12D3KooWRNw2pJC9748Fmq4WNV27HoSTcX3r37132FLkQMrbKAiC'
const RELAY_ADDRESS = `/ip4/192.168.1.5/tcp/9190/ws/p2p/${RELAY}`

function anInvitation(changes: Partial<InvitationContent> = {}): InvitationContent {
  return {
    relays: [multiaddr(RELAY_ADDRESS), multiaddr(`/dns4/relay.example/tcp/443/tls/ws/p2p/${RELAY}`)],
    peer: PEER,
    addresses: [multiaddr(`/ip4/192.168.1.7/tcp/9171/p2p/${PEER}`)],
    room: 'a secret',
    dialect: '0.19',
    sdl: 'type Note { title: String } type Other { n: Int }',
    collections: ['Note'],
    ...changes,
  }
}

/** The text with other bytes inside, and the check that fits them. */
function forged(text: string, change: (body: Uint8Array) => Uint8Array): string {
  const whole = base64UrlToBytes(text.slice('#invite='.length)) ?? new Uint8Array()
  const body = change(whole.slice(0, -4))
  return `#invite=${bytesToBase64Url(concatBytes(body, sha256(body).subarray(0, 4)))}`
}

function faultOf(text: unknown): DatabaseError {
  try {
    parseInvitation(text)
  } catch (error) {
    if (isFailure(error, 'INVALID_ARGUMENT')) return error
    throw error
  }
  throw new Error('it was read')
}

test('an invitation is read back, from its fragment, from a URL, and beside others in a fragment', () => {
  const printed = printInvitation(anInvitation())
  expect(printed).toMatch(/^#invite=[\w-]+$/)
  // A link that goes into a QR code.
  expect(printed.length).toBeLessThan(400)
  const read = parseInvitation(printed)
  expect(read).toMatchObject({ peer: PEER, room: 'a secret', collections: ['Note'], sdl: anInvitation().sdl })
  expect(read.relays.map(({ address, others, peer }) => [peer, String(address), others.map(String)])).toEqual([
    [RELAY, RELAY_ADDRESS, [`/dns4/relay.example/tcp/443/tls/ws/p2p/${RELAY}`]],
  ])
  expect(read.addresses.map(({ address }) => String(address))).toEqual([`/ip4/192.168.1.7/tcp/9171/p2p/${PEER}`])
  const fragment = printed.slice(1)
  for (const text of [`https://example.org/page?x=1#${fragment}`, `http://x/#storage=memory&${fragment}&y=1`, fragment, ` ${printed}\n`]) {
    expect(isInvitation(text.trim())).toBe(true)
    expect(parseInvitation(text)).toEqual(read)
  }
  expect(isInvitation(RELAY_ADDRESS)).toBe(false)
})

test('a node without relay, address, room and collections can invite', () => {
  const bare = anInvitation({ relays: [], addresses: [], room: '', sdl: '', collections: [] })
  expect(parseInvitation(printInvitation(bare))).toMatchObject({ ...bare, versions: [] })
})

test('what is wrong is said, without the secret', () => {
  const printed = printInvitation(anInvitation())
  const cases: readonly [unknown, string][] = [
    [undefined, 'it is a undefined'],
    ['', 'there is no "#invite=" in it'],
    ['https://example.org/', 'there is no "#invite=" in it'],
    ['#relay=x', 'there is no "#invite=" in it'],
    ['#invite=', 'cut off or mistyped'],
    ['#invite=a b', 'characters that no invitation has'],
    [`${printed}…`, 'characters that no invitation has'],
    [printed.slice(0, -3), 'cut off or mistyped'],
    [printed.replace(/.{3}$/, 'AAA'), ''],
    [`#invite=${'A'.repeat(20_000)}`, '16384 are allowed'],
    [forged(printed, (body) => body.with(0, 2)), 'it is of version 2'],
    [forged(printed, (body) => concatBytes(body, Uint8Array.of(0))), '1 bytes follow'],
    [printInvitation(anInvitation({ collections: ['Note', 'Elsewhere'] })), 'no type for its collection "Elsewhere"'],
    [printInvitation(anInvitation({ sdl: 'type Note {' })), 'the schema is not valid SDL'],
    [printInvitation(anInvitation({ sdl: `type Note { a: ${'['.repeat(100)}Int` })), 'nested more than 32 levels'],
    [
      printInvitation(
        anInvitation({
          sdl: 'type Note { b: String v: [Float32!] @embedding(fields: ["b"], provider: "ollama", model: "m", url: "http://x") }',
        }),
      ),
      '@embedding',
    ],
    [printInvitation(anInvitation({ relays: [multiaddr('/ip4/1.2.3.4/tcp/1')] })), 'does not end with "/p2p/<peer ID>"'],
    [printInvitation(anInvitation({ relays: [multiaddr(`${RELAY_ADDRESS}/p2p-circuit/p2p/${PEER}`)] })), 'leads through a relay'],
  ]
  for (const [text, fault] of cases) {
    const { message, details } = faultOf(text)
    expect(message).toContain('the invitation cannot be read: ')
    expect(message).toContain(fault)
    expect(JSON.stringify(details)).toBe('{"argument":"invite"}')
  }
})

test('whatever the bytes are, they are read or refused with the one code', () => {
  const printed = printInvitation(anInvitation())
  const mutations = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(mutations, fc.nat(300), (changes, cut) => {
      const text = forged(printed, (body) => {
        const mutated = body.slice(0, cut < 30 ? cut : undefined)
        for (const [at, byte] of changes) if (at < mutated.length && at > 0) mutated[at] = byte
        return mutated
      })
      try {
        parseInvitation(text)
      } catch (error) {
        if (!isFailure(error, 'INVALID_ARGUMENT')) throw error
      }
    }),
    { numRuns: 2000 },
  )
  fc.assert(fc.property(fc.string(), (text) => void faultOf(`#invite=${text}`)))
})

test('what is too long is not written', () => {
  const sdl = Array.from({ length: 800 }, (_, index) => `type Collection${index} { n: Int }`).join(' ')
  expect(() => printInvitation(anInvitation({ sdl }))).toThrow('name fewer collections')
  const collections = Array.from({ length: 300 }, (_, index) => `Collection${index}`)
  expect(() => printInvitation(anInvitation({ collections }))).toThrow('name fewer collections')
})
