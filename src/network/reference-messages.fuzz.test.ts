import { expect, it } from 'vitest'

import { cborPieces } from '../block/cbor-pieces.testkit.ts'
import { sealBlock } from '../block/codec.ts'
import { someBlock, someCid } from '../block/random-blocks.testkit.ts'
import { isFailure } from '../errors.ts'
import { decodeText, equalBytes } from '../util/bytes.ts'
import { fuzz, FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { render, type Piece } from '../util/pieces.testkit.ts'
import { oneIn, someBytes, someLength, someText } from '../util/random-values.testkit.ts'
import { randomOf, type Random } from '../util/seed.testkit.ts'
import {
  DOCUMENTS_PER_PAGE,
  MAX_COLLECTION_ID_BYTES,
  MAX_DOC_ID_BYTES,
  MAX_ENCRYPTED_KEY_BYTES,
  MAX_HEADS_PER_DOCUMENT,
  MAX_IDENTITY_BYTES,
  MAX_KEYS_PER_REQUEST,
  MAX_PEER_ID_BYTES,
  MAX_PUBLIC_KEY_BYTES,
  MAX_TOKEN_BYTES,
} from './limits.ts'
import { decodeReferenceMessage, encodeReferenceMessage, type ReferenceMessages } from './reference-messages.ts'

type Name = keyof ReferenceMessages

/** One for each message there is. */
const MESSAGES: { readonly [N in Name]: (random: Random) => ReferenceMessages[N] } = {
  pushLogRequest: (random) => ({
    docId: someText(MAX_DOC_ID_BYTES, random),
    cid: someCid(random),
    collectionId: someText(MAX_COLLECTION_ID_BYTES, random),
    creator: someText(MAX_PEER_ID_BYTES, random),
    block: sealBlock(someBlock(random)).bytes,
  }),
  pushLogReply: () => ({}),
  getIdentityRequest: (random) => ({ peerId: someText(MAX_PEER_ID_BYTES, random) }),
  getIdentityReply: (random) => ({ identityToken: orNull(random, () => bytesUpTo(MAX_TOKEN_BYTES, random)) }),
  docSyncRequest: (random) => ({ docIds: upTo(DOCUMENTS_PER_PAGE, random, () => someText(MAX_DOC_ID_BYTES, random)) }),
  docSyncReply: (random) => ({
    results: orNull(random, () =>
      upTo(DOCUMENTS_PER_PAGE, random, () => ({
        docId: someText(MAX_DOC_ID_BYTES, random),
        heads: upTo(MAX_HEADS_PER_DOCUMENT, random, () => someCid(random)),
      })),
    ),
    sender: someText(MAX_PEER_ID_BYTES, random),
  }),
  keyRequest: (random) => ({
    identity: bytesUpTo(MAX_IDENTITY_BYTES, random),
    links: upTo(MAX_KEYS_PER_REQUEST, random, () => someCid(random)),
    ephemeralPublicKey: bytesUpTo(MAX_PUBLIC_KEY_BYTES, random),
  }),
  keyReply: (random) => ({
    links: orNull(random, () => upTo(MAX_KEYS_PER_REQUEST, random, () => someCid(random))),
    blocks: orNull(random, () => upTo(MAX_KEYS_PER_REQUEST, random, () => bytesUpTo(MAX_ENCRYPTED_KEY_BYTES, random))),
    ephemeralPublicKey: orNull(random, () => bytesUpTo(MAX_PUBLIC_KEY_BYTES, random)),
  }),
}

const NAMES = Object.keys(MESSAGES) as Name[]

function bytesUpTo(most: number, random: Random): Uint8Array {
  return someBytes(someLength(most, random), random)
}

function upTo<T>(most: number, random: Random, some: () => T): readonly T[] {
  return Array.from({ length: oneIn(100, random) ? random.below(most + 1) : random.below(4) }, some)
}

function orNull<T>(random: Random, some: () => T): T | null {
  return oneIn(4, random) ? null : some()
}

/** Members that are known are there once; the others may come as they like. */
function expectOnce(bytes: Uint8Array, name: Name): void {
  const known = namesIn(encodeReferenceMessage(name, MESSAGES[name](randomOf(0))))
  const given = namesIn(bytes).filter((member) => known.includes(member))
  if (given.length !== known.length) throw new Error(`of the members ${known.join(', ')} it has ${given.join(', ')}`)
}

/** The names of a map's members, in lower case. */
function namesIn(map: Uint8Array): readonly string[] {
  const whole = cborPieces(map)
  if (whole.kind !== 'parts') return []
  // A pair, its key, and what is in the key.
  return whole.parts.map((pair) => decodeText(render(firstOf(firstOf(pair))).bytes).toLowerCase())
}

function firstOf(piece: Piece): Piece {
  return (piece.kind === 'parts' ? piece.parts[0] : undefined) ?? piece
}

it.each(NAMES)('what a peer sends as a %s is read as what was meant, or refused', { timeout: FUZZ_TIMEOUT }, (name) => {
  const { inputs, accepted } = fuzz(
    {
      sample: (random) => cborPieces(encodeReferenceMessage(name, MESSAGES[name](random))),
      decode: (bytes) => decodeReferenceMessage(name, bytes),
      isRefusal: (error) => isFailure(error, 'INVALID_MESSAGE'),
      // Members may come in another order, or be unknown; what was understood stays.
      check: (message, bytes) => {
        expectOnce(bytes, name)
        const written = encodeReferenceMessage(name, message)
        const again = decodeReferenceMessage(name, written)
        if (!equalBytes(encodeReferenceMessage(name, again), written)) throw new Error('what is written of it is read as something else')
        expect(again).toEqual(message)
      },
    },
    inputsToMake(NAMES.length),
  )
  expect(accepted / inputs).toBeGreaterThan(0.03)
})
