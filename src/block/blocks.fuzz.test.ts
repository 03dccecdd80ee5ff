import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { decodeText, encodeText, equalBytes } from '../util/bytes.ts'
import { fuzz, FUZZ_TIMEOUT, inputsToMake, type FuzzTarget } from '../util/fuzz.testkit.ts'
import { bytesPiece, type Piece } from '../util/pieces.testkit.ts'
import { pick, someBytes } from '../util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import type { Sealed } from './block.ts'
import { expectBlockRules, expectCid, expectCommitRules } from './block-rules.testkit.ts'
import { cborPieces } from './cbor-pieces.testkit.ts'
import { blockCid, cidFromBytes, cidToText, equalCids, parseCid } from './cid.ts'
import { openBlock, sealBlock } from './codec.ts'
import { cidPieces, commitPieces, relinked } from './commit-pieces.testkit.ts'
import { openCommit } from './commit.ts'
import { KEY_BYTES, openEncryption, sealEncryption } from './encryption-block.ts'
import { openSealed } from './open-sealed.ts'
import { someBlock, someCid, someCommit, someEncryption, someSignature } from './random-blocks.testkit.ts'
import { isDocumentCommit, openReplicated, packReplicated } from './replicated-commit.ts'
import { openSignature, sealSignature } from './signature-block.ts'

function isRefusal(error: unknown): boolean {
  return isFailure(error, 'CORRUPT_DATA')
}

function expectSame(written: Uint8Array, read: Uint8Array): void {
  if (!equalBytes(written, read)) throw new Error('it is written with other bytes than those it was read from')
}

/** A kind of block that is sealed and opened. */
function blockTarget<T>(
  some: (random: Random) => T,
  seal: (block: T) => Sealed<T>,
  open: (bytes: Uint8Array) => Sealed<T>,
  expectRules: (block: T) => void = () => {},
): FuzzTarget<Sealed<T>> {
  return {
    sample: (random) => cborPieces(seal(some(random)).bytes),
    decode: open,
    isRefusal,
    check: ({ bytes, cid, block }, read) => {
      expectSame(seal(block).bytes, read)
      expectSame(bytes, read)
      if (!equalCids(cid, blockCid(read))) throw new Error('its CID is not that of its bytes')
      expectRules(block)
    },
  }
}

/** Both happens, or the changes are such that nothing is learnt from them. */
function expectBoth<T>(target: FuzzTarget<T>, inputs?: number): void {
  const { inputs: made, accepted } = fuzz(target, inputs)
  expect(accepted / made).toBeGreaterThan(0.03)
  expect(accepted / made).toBeLessThan(0.6)
}

describe('whatever a peer sends', () => {
  it('is the one spelling of a block, or refused', { timeout: FUZZ_TIMEOUT }, () => {
    expectBoth(blockTarget(someBlock, sealBlock, openBlock, expectBlockRules))
  })

  it('is the one spelling of a signature block, or refused', { timeout: FUZZ_TIMEOUT }, () => {
    expectBoth(blockTarget(someSignature, sealSignature, openSignature))
  })

  it('is the one spelling of an encryption block, or refused', { timeout: FUZZ_TIMEOUT }, () => {
    expectBoth(blockTarget(someEncryption, sealEncryption, openEncryption))
  })

  it('is the one spelling of a commit whose blocks belong together, or refused', { timeout: FUZZ_TIMEOUT }, () => {
    expectBoth({
      sample: (random) => commitPieces(someCommit(random)),
      repair: relinked,
      decode: openReplicated,
      isRefusal,
      check: (commit, read) => {
        expectSame(packReplicated(commit), read)
        expectCommitRules(commit)
        if (isDocumentCommit(commit)) expect(openCommit(read)).toEqual(commit)
      },
    })
  })

  it('is a CID in one spelling, or refused', { timeout: FUZZ_TIMEOUT }, () => {
    expectBoth({ sample: (random) => cidPieces(someCid(random)), decode: cidFromBytes, isRefusal, check: expectCid })
  })

  it('is a CID in one spelling, or refused, also as a text', { timeout: FUZZ_TIMEOUT }, () => {
    expectBoth({
      sample: (random) => textPieces(cidToText(someCid(random))),
      decode: (bytes) => parseCid(textOf(bytes)),
      isRefusal: (error) => isFailure(error, 'INVALID_ARGUMENT'),
      check: (cid, read) => expectSame(encodeText(cidToText(cid)), read),
    })
  })

  it('is data that a key opens, or refused', { timeout: FUZZ_TIMEOUT }, async () => {
    const seed = testSeed()
    for (let made = 0; made < inputsToMake(20); made++) {
      const random = randomOf(seed + made)
      const [key, data] = [someBytes(pick([0, KEY_BYTES, KEY_BYTES], random), random), someBytes(random.below(80), random)]
      await expect(openSealed(key, data), `WARREN_SEED=${seed + made}`).rejects.toSatisfy(isRefusal)
    }
  })
})

/** The last letter of a CID has bits that must be zero. */
function textPieces(text: string): Piece {
  return { kind: 'parts', parts: [text.slice(0, 1), text.slice(1, -1), text.slice(-1)].map((part) => bytesPiece(encodeText(part))) }
}

/** Bytes as a text: UTF-8, or else a letter for each. */
function textOf(bytes: Uint8Array): string {
  try {
    return decodeText(bytes)
  } catch {
    return String.fromCharCode(...bytes.subarray(0, 1000))
  }
}
