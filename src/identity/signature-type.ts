/**
 * `SignatureType`: one way to sign.
 *
 * - An answer follows from the three arguments alone: not from the machine, the browser or the library that happens to verify. Nodes that disagree about a
 *   signature have different documents for good.
 * - Whatever is no signature of that key is `false`, of any bytes: nothing is thrown, and no promise rejects.
 * - One message and one key have at most the spellings that an honest signer makes. What is looser elsewhere (a key in another form, the higher `s`) is `false`.
 */
export interface SignatureType {
  /** What the header of a signature calls it. */
  readonly name: string
  /** What people call its keys. */
  readonly keyType: 'secp256k1' | 'ed25519'
  /** Bytes of a public key. */
  readonly keyBytes: number
  /** `subtle` is the WebCrypto of this machine, for types that it knows; absent on pages that did not come over a secure connection. */
  createVerify(subtle: SubtleCrypto | undefined): Verify
}

/** Whether `value` is the signature of this key, which has the right length, over the message. */
export type Verify = (key: Uint8Array, message: Uint8Array, value: Uint8Array) => boolean | Promise<boolean>
