import { expect, it } from 'vitest'

import type { CounterDelta } from '../block/block.ts'
import { cborPieces } from '../block/cbor-pieces.testkit.ts'
import { CborWriter } from '../block/cbor-writer.ts'
import { isFailure } from '../errors.ts'
import { equalBytes } from '../util/bytes.ts'
import { fuzz, FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { pick } from '../util/random-values.testkit.ts'
import type { Random } from '../util/seed.testkit.ts'
import { PCOUNTER, PNCOUNTER } from './counter.ts'

function anIncrement(data: Uint8Array): CounterDelta {
  return { kind: 'counter', data, docId: 'bae-1', priority: 1, fieldName: 'votes', schemaVersionId: 'v', nonce: 0n }
}

function someNumber(random: Random, scalar: string): Uint8Array {
  const writer = new CborWriter()
  const integer = pick([random.below(100), -random.below(100), 2n ** 63n - 1n, -(2n ** 63n)], random)
  return (scalar === 'Int' ? writer.int(integer) : writer.float(Number(integer) / 8)).finish()
}

it.each(['Int', 'Float64', 'Float32'])(
  'what a peer adds to a counter of %s is a number, or refused',
  { timeout: FUZZ_TIMEOUT },
  (scalar) => {
    const add = (data: Uint8Array, current?: Uint8Array): Uint8Array =>
      PNCOUNTER.apply(current && { data: current, priority: 1 }, anIncrement(data), { scalar }).data
    const zero = add(new CborWriter().null().finish())
    const { accepted } = fuzz(
      {
        sample: (random) => cborPieces(someNumber(random, scalar)),
        decode: (data) => add(data),
        isRefusal: (error) => isFailure(error, 'CORRUPT_DATA'),
        check: (sum, data) => {
          if (!equalBytes(add(zero, sum), sum)) throw new Error('adding nothing changes it')
          try {
            PCOUNTER.apply(undefined, anIncrement(data), { scalar })
          } catch (error) {
            if (!isFailure(error, 'INVALID_DOCUMENT')) throw error
          }
        },
      },
      inputsToMake(3),
    )
    expect(accepted).toBeGreaterThan(0)
  },
)
