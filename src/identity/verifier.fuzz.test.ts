import { expect, it } from 'vitest'

import { bytesToHex, concatBytes, equalBytes, hexToBytes } from '../util/bytes.ts'
import { FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { hostileBytes } from '../util/hostile-bytes.testkit.ts'
import { bytesPiece, type Piece, type Spelling } from '../util/pieces.testkit.ts'
import { oneIn, pick, someBytes } from '../util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { aSigner } from './signing.testkit.ts'
import { createVerifier, type Signature } from './verifier.ts'

/** The head of a DER item of this type: its length in one byte, or in two. */
function derSpelling(type: number): Spelling {
  return {
    write: (value) => Uint8Array.of(type, Number(value & 0x7fn)),
    overlong: (value) => Uint8Array.of(type, 0x81, Number(value & 0xffn)),
  }
}

/** A signature as its pieces: two integers in a sequence, or two halves. */
function valuePieces({ type, value }: Signature): Piece {
  if (type === 'EdDSA') return { kind: 'parts', parts: [bytesPiece(value.subarray(0, 32)), bytesPiece(value.subarray(32))] }
  const rLength = value[3] ?? 0
  const integers = [value.subarray(4, 4 + rLength), value.subarray(6 + rLength)]
  return {
    kind: 'parts',
    parts: integers.map((integer) => ({ kind: 'parts', parts: [bytesPiece(integer)], head: { of: 'bytes', spelling: derSpelling(0x02) } })),
    head: { of: 'bytes', spelling: derSpelling(0x30) },
  }
}

function changed(piece: Piece, random: Random): Uint8Array {
  return hostileBytes(piece, piece, random)
}

/** A signature of which something may have changed. */
function someForgery({ type, identity, value }: Signature, random: Random): Signature {
  const key = bytesPiece(hexToBytes(identity))
  const otherIdentity = bytesToHex(changed(key, random))
  return {
    type,
    identity: oneIn(3, random) ? pick([otherIdentity, identity.toUpperCase(), `${identity} `], random) : identity,
    value: changed(valuePieces({ type, identity, value }), random),
  }
}

it.each(['EdDSA', 'ES256K'] as const)(
  'no signature of type %s is good but the one that was made, for every verifier',
  { timeout: FUZZ_TIMEOUT },
  async (type) => {
    const seed = testSeed()
    const verifiers = [createVerifier(), createVerifier({ subtle: undefined })]
    for (let made = 0; made < inputsToMake(50); made++) {
      const random = randomOf(seed + made)
      const signer = aSigner(type, concatBytes(Uint8Array.of(1), someBytes(31, random)))
      const message = someBytes(random.below(50), random)
      const original = signer.sign(message)
      const signature = someForgery(original, random)
      const isSame = signature.identity === original.identity && equalBytes(signature.value, original.value)
      const verdicts = await Promise.all(verifiers.map((verifier) => verifier.verify(signature, message)))
      const expected = isSame ? 'valid' : 'forged'
      expect(
        verdicts.map(({ kind }) => kind),
        `WARREN_SEED=${seed + made}`,
      ).toEqual([expected, expected])
    }
  },
)
