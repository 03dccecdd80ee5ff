import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bytesToHex, concatBytes, hexToBytes } from '../util/bytes.ts'
import { aSigner } from './signing.testkit.ts'
import { createVerifier } from './verifier.ts'

const TYPES = ['EdDSA', 'ES256K'] as const
const someBytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })

describe.each([
  ['WebCrypto', crypto.subtle],
  ['the library', undefined],
])('a verifier with %s', (_name, subtle) => {
  const { verify } = createVerifier({ subtle })

  it.each(TYPES)('takes every signature of type %s, and none over other bytes', async (type) => {
    await fc.assert(
      fc.asyncProperty(someBytes(400), fc.uint8Array({ minLength: 1, maxLength: 4 }), async (message, more) => {
        const signature = aSigner(type).sign(message)
        expect(await verify(signature, message)).toEqual({ kind: 'valid' })
        expect(await verify(signature, concatBytes(message, more))).toMatchObject({ kind: 'forged' })
      }),
      { numRuns: 20 },
    )
  })

  it.each(TYPES)('takes no signature of type %s of which a bit was turned', async (type) => {
    const signer = aSigner(type)
    const message = Uint8Array.of(1, 2, 3)
    const { identity, value } = signer.sign(message)
    const turn = (bytes: Uint8Array, bit: number): Uint8Array =>
      bytes.map((byte, at) => (at === (bit >> 3) % bytes.length ? byte ^ (1 << (bit & 7)) : byte))
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        expect(await verify({ type, identity, value: turn(value, bit) }, message)).toMatchObject({ kind: 'forged' })
        const another = bytesToHex(turn(hexToBytes(identity), bit))
        expect(await verify({ type, identity: another, value }, message)).toMatchObject({ kind: 'forged' })
      }),
      { numRuns: 60 },
    )
  })

  it('never throws, whatever it is given', async () => {
    const someType = fc.constantFrom(...TYPES)
    const someIdentity = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 130 }),
      fc.constantFrom(32, 33).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((x) => `02${bytesToHex(x)}`),
    )
    const someValue = fc.oneof(
      someBytes(80),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      someBytes(70).map((rest) => Uint8Array.of(0x30, rest.length, ...rest)),
    )
    await fc.assert(
      fc.asyncProperty(someType, someIdentity, someValue, someBytes(40), async (type, identity, value, message) => {
        expect(await verify({ type, identity, value }, message)).toMatchObject({ kind: 'forged' })
      }),
      { numRuns: 300 },
    )
  })

  it('takes what another library has signed', async () => {
    const message = Uint8Array.of(9, 9, 9)
    const ed = generateKeyPairSync('ed25519')
    const edKey = createPublicKey(ed.privateKey).export({ format: 'der', type: 'spki' })
    const edSignature = { type: 'EdDSA', identity: bytesToHex(edKey.subarray(-32)), value: sign(null, message, ed.privateKey) }
    expect(await verify(edSignature, message)).toEqual({ kind: 'valid' })

    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const point = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-64)
    const identity = ((point[63] ?? 0) % 2 === 0 ? '02' : '03') + bytesToHex(point.subarray(0, 32))
    // It does not care for the lower s, which about every second signature has.
    const values = Array.from({ length: 20 }, () => sign('sha256', message, privateKey))
    const verdicts = await Promise.all(values.map((value) => verify({ type: 'ES256K', identity, value }, message)))
    expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['valid', 'forged']))
  })
})

it('says what is wrong with a forgery, and nothing of a type that it does not know', async () => {
  const { verify } = createVerifier()
  const signer = aSigner('EdDSA')
  const signature = signer.sign(Uint8Array.of(1))
  expect(await verify(signature, Uint8Array.of(2))).toEqual({
    kind: 'forged',
    fault: `it was not made with the EdDSA key ${signer.identity}`,
  })
  expect(await verify({ ...signature, identity: 'me\n' }, Uint8Array.of(1))).toEqual({
    kind: 'forged',
    fault: '"me\\n" is no key for EdDSA',
  })
  expect(await verify({ ...signature, type: 'ES512' }, Uint8Array.of(2))).toEqual({ kind: 'unknown' })
})

it('does without a WebCrypto that knows no Ed25519, or has errors in place of answers', async () => {
  const message = Uint8Array.of(1)
  const signature = aSigner('EdDSA').sign(message)
  let calls = 0
  const broken = (answers: number): SubtleCrypto =>
    ({
      importKey: async () => {
        calls += 1
        if (calls > answers) throw new DOMException('no', 'NotSupportedError')
      },
      verify: async () => true,
    }) as unknown as SubtleCrypto
  const ancient = createVerifier({ subtle: broken(0) })
  expect(await ancient.verify(signature, message)).toEqual({ kind: 'valid' })
  expect(await ancient.verify(signature, Uint8Array.of(2))).toMatchObject({ kind: 'forged' })
  expect(calls).toBe(1)
  expect(await createVerifier({ subtle: broken(2) }).verify(signature, Uint8Array.of(2))).toMatchObject({ kind: 'forged' })
})
