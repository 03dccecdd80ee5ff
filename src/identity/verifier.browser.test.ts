import { expect, it } from 'vitest'

import vectors from '../../test/vectors/signatures.json' with { type: 'json' }
import { hexToBytes } from '../util/bytes.ts'
import { createVerifier } from './verifier.ts'

it("the browser's WebCrypto gives the answers of the library, down to the keys that nobody makes by accident", async () => {
  const [native, library] = [createVerifier(), createVerifier({ subtle: undefined })]
  for (const { rule, type, identity, messageHex, valueHex, verdict } of vectors) {
    const signature = { type, identity, value: hexToBytes(valueHex) }
    const verdicts = await Promise.all([native, library].map((verifier) => verifier.verify(signature, hexToBytes(messageHex))))
    expect({ rule, kinds: verdicts.map(({ kind }) => kind) }).toEqual({ rule, kinds: [verdict, verdict] })
  }
})
