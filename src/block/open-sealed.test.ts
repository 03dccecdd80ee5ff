import { createCipheriv } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { isFailure } from '../errors.ts'
import { concatBytes } from '../util/bytes.ts'
import { openSealed } from './open-sealed.ts'

const someKey = fc.uint8Array({ minLength: 32, maxLength: 32 })
const someNonce = fc.uint8Array({ minLength: 12, maxLength: 12 })
const isCorrupt = expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA'))

/** Encrypts as nodes do: nonce, ciphertext, tag. */
function encrypt(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return concatBytes(nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag())
}

describe('encrypted data', () => {
  it('open with their key to what was encrypted', async () => {
    await fc.assert(
      fc.asyncProperty(someKey, someNonce, fc.uint8Array({ maxLength: 100 }), async (key, nonce, plain) => {
        expect(await openSealed(key, encrypt(key, nonce, plain))).toEqual(plain)
      }),
    )
  })

  it('do not open with another key, or when any byte was changed', async () => {
    await fc.assert(
      fc.asyncProperty(someKey, someNonce, fc.nat(), fc.integer({ min: 1, max: 255 }), async (key, nonce, at, change) => {
        const data = encrypt(key, nonce, Uint8Array.of(1, 2, 3))
        const otherKey = Uint8Array.from(key)
        otherKey[at % 32] = (otherKey[at % 32] ?? 0) ^ change
        await expect(openSealed(otherKey, data)).rejects.toThrow(isCorrupt)
        data[at % data.length] = (data[at % data.length] ?? 0) ^ change
        await expect(openSealed(key, data)).rejects.toThrow(isCorrupt)
      }),
    )
  })

  it('are refused when they are too short, as is a key of another length', async () => {
    const key = new Uint8Array(32)
    const data = encrypt(key, new Uint8Array(12), new Uint8Array())
    expect(await openSealed(key, data)).toEqual(new Uint8Array())
    await expect(openSealed(key, data.subarray(1))).rejects.toThrow('27 bytes are too few')
    await expect(openSealed(key.subarray(16), data)).rejects.toThrow('a key has 32 bytes, not 16')
  })

  it('need a page with WebCrypto, and the error says how to get one', async () => {
    vi.stubGlobal('crypto', {})
    try {
      await expect(openSealed(new Uint8Array(32), new Uint8Array(28))).rejects.toThrow('open it over https or from localhost')
    } finally {
      vi.unstubAllGlobals()
    }
  })
})
