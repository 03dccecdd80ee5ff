import { describe, expect, it } from 'vitest'

import { createVerifier } from '../../src/identity/verifier.ts'
import { hexToBytes } from '../../src/util/bytes.ts'
import { readOwn } from './published.ts'

interface SignatureVector {
  readonly rule: string
  readonly type: string
  readonly identity: string
  readonly messageHex: string
  readonly valueHex: string
  readonly verdict: 'valid' | 'unknown' | 'forged'
}

const ENGINES = [
  ['WebCrypto', crypto.subtle],
  ['the library', undefined],
] as const

describe.each(ENGINES)('the own vectors of signatures, verified by %s', (_name, subtle) => {
  const { verify } = createVerifier({ subtle })
  const vectors = readOwn<readonly SignatureVector[]>('signatures.json')

  it.each(vectors.map((vector) => [vector.type, vector.rule, vector] as const))('%s: %s', async (_type, _rule, vector) => {
    const { type, identity, messageHex, valueHex, verdict } = vector
    expect(await verify({ type, identity, value: hexToBytes(valueHex) }, hexToBytes(messageHex))).toMatchObject({ kind: verdict })
  })
})
