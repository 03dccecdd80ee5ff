import { describe, expect, it } from 'vitest'

import { didOf, keyPairOfHex } from '../../src/identity/key-pair.ts'
import type { KeyType } from '../../src/identity/key-type.ts'
import { bytesToHex, hexToBytes } from '../../src/util/bytes.ts'
import { describePublished, readOwn } from './published.ts'

interface IdentityVector {
  readonly keyType: KeyType
  readonly privateKeyHex: string
  readonly publicKeyHex: string
  readonly did: string
}

describe('the own vectors of identities', () => itHoldsTo(readOwn<readonly IdentityVector[]>('identities.json')))
describePublished('identities.json', itHoldsTo)

function itHoldsTo(vectors: readonly IdentityVector[]): void {
  it.each(vectors)('$did is the key that follows from its private key', ({ keyType, privateKeyHex, publicKeyHex, did }) => {
    const pair = keyPairOfHex(keyType, privateKeyHex)
    expect({ publicKeyHex: bytesToHex(pair.publicKey), did: pair.did }).toEqual({ publicKeyHex, did })
    expect(didOf(keyType, hexToBytes(publicKeyHex))).toBe(did)
  })
}
