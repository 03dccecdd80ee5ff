import { expect, it } from 'vitest'

import { cborPieces } from '../block/cbor-pieces.testkit.ts'
import { isFailure } from '../errors.ts'
import { VALUE_KINDS } from '../schema/kinds.ts'
import { equalBytes } from '../util/bytes.ts'
import { fuzz, FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { someValue } from './random-value.testkit.ts'
import { decodeValue, encodeValue } from './value.ts'

it.each(VALUE_KINDS)('what a peer sends as a $name is the one spelling of a value, or refused', { timeout: FUZZ_TIMEOUT }, (kind) => {
  const { accepted } = fuzz(
    {
      sample: (random) => cborPieces(encodeValue(kind, someValue(kind, random))),
      decode: (bytes) => decodeValue(kind, bytes),
      isRefusal: (error) => isFailure(error, 'CORRUPT_DATA'),
      check: (value, bytes) => {
        if (!equalBytes(encodeValue(kind, value), bytes)) throw new Error('it is written with other bytes than those it was read from')
      },
    },
    // A tree has more to it than all the others.
    inputsToMake(kind.scalar === 'JSON' ? 1 : VALUE_KINDS.length),
  )
  expect(accepted).toBeGreaterThan(0)
})
