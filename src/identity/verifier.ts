import { hexToBytes } from '../util/bytes.ts'
import { quote } from '../util/quote.ts'
import { SIGNATURE_TYPES } from './signature-types.ts'

/** A signature and whose it claims to be. All of it may be anything. */
export interface Signature {
  /** The name of a `SignatureType`, or of one that is not known here. */
  readonly type: string
  /** The public key in lower-case hex. */
  readonly identity: string
  readonly value: Uint8Array
}

/** `unknown`: of a type that nobody here can verify, which says nothing for or against it. `forged` says what is wrong. */
export type Verdict = { readonly kind: 'valid' } | { readonly kind: 'unknown' } | { readonly kind: 'forged'; readonly fault: string }

/** Tells signatures from forgeries. */
export interface Verifier {
  verify(signature: Signature, message: Uint8Array): Promise<Verdict>
}

/** `subtle` is WebCrypto, or `undefined` to do without. Browsers keep it from pages that did not come over a secure connection, though the types promise it. */
export function createVerifier(
  { subtle }: { readonly subtle?: SubtleCrypto | undefined } = { subtle: globalThis.crypto.subtle },
): Verifier {
  const types = new Map(SIGNATURE_TYPES.map(({ name, keyBytes, createVerify }) => [name, { keyBytes, verify: createVerify(subtle) }]))
  return {
    verify: async ({ type, identity, value }, message) => {
      const known = types.get(type)
      if (known === undefined) return { kind: 'unknown' }
      const key = keyOf(identity, known.keyBytes)
      if (key === undefined) return { kind: 'forged', fault: `${quote(identity)} is no key for ${type}` }
      const isValid = await known.verify(key, message, value)
      return isValid ? { kind: 'valid' } : { kind: 'forged', fault: `it was not made with the ${type} key ${identity}` }
    },
  }
}

function keyOf(identity: string, bytes: number): Uint8Array | undefined {
  return identity.length === 2 * bytes && /^[0-9a-f]+$/.test(identity) ? hexToBytes(identity) : undefined
}
