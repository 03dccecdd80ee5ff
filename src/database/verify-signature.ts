import type { Block, SignatureBlock } from '../block/block.ts'
import { cidKey, equalCids, parseCid, type Cid } from '../block/cid.ts'
import { signedBytes } from '../block/signature-block.ts'
import { DatabaseError } from '../errors.ts'
import type { SignatureType } from '../identity/signature-type.ts'
import { SIGNATURE_TYPES } from '../identity/signature-types.ts'
import { createVerifier } from '../identity/verifier.ts'
import { queryCollections } from '../query/collections.ts'
import { signaturesOf } from '../query/commits/commit-entry.ts'
import { findBlock, missingCid } from '../query/commits/history.ts'
import { createExecution } from '../query/plan/execution.ts'
import { quote } from '../util/quote.ts'
import type { BlocksApi } from './database.ts'
import { readSource } from './document-source.ts'
import type { Session } from './session.ts'

/** A public key that a caller names. */
interface NamedKey {
  readonly type: SignatureType
  /** In lower-case hex, as signatures write it. */
  readonly hex: string
}

/** What `BlocksApi.verifySignature` does. The signature is looked at anew, though a merge has done so: whoever asks does not want to believe the storage. */
export async function verifySignature(
  session: Pick<Session, 'read' | 'overflows' | 'pacer'>,
  cid: string,
  publicKey: string,
  { type, signal }: NonNullable<Parameters<BlocksApi['verifySignature']>[2]>,
): Promise<void> {
  const key = readKey(publicKey, type)
  const { block, signature } = await findSigned(session, parseCid(cid), cid, signal)
  if (block.signature === undefined) throw invalidSignature(cid, 'is not signed')
  if (signature === undefined) throw invalidSignature(cid, 'is signed, but its signature is not here: it did not come along with the block')
  if (signature.type !== key.type.name || signature.identity !== key.hex) {
    throw invalidSignature(
      cid,
      `is signed by the ${signature.type} key ${quote(signature.identity)}, not by the ${key.type.name} key "${key.hex}"`,
    )
  }
  const verdict = await createVerifier().verify(signature, signedBytes(block))
  if (verdict.kind === 'forged') throw invalidSignature(cid, `has a forged signature: ${verdict.fault}`)
}

/** Finds a block as the query `commits(cid: …)` does, and the signature that came along with it. */
async function findSigned(
  { read, overflows, pacer: pacerOf }: Pick<Session, 'read' | 'overflows' | 'pacer'>,
  cid: Cid,
  text: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly block: Block; readonly signature: SignatureBlock | undefined }> {
  const pacer = pacerOf('verifying a signature', signal)
  const commits = await read(async (view, { versions }) => {
    const collections = queryCollections(versions)
    const execution = { ...createExecution(readSource(view, { overflows, pacer }), collections, { signal }), pacer }
    const place = await findBlock(cid, collections.all, undefined, execution)
    return place?.kind === 'collection' ? place.history.commits : place?.commits
  })
  const block = commits?.flatMap(({ composite, fields }) => [composite, ...fields]).find((sealed) => equalCids(sealed.cid, cid))?.block
  if (commits === undefined || block === undefined) throw missingCid(text)
  return { block, signature: block.signature && signaturesOf(commits).get(cidKey(block.signature)) }
}

/** The reference takes a key for one of secp256k1 when nobody says what it is. */
function readKey(publicKey: unknown, keyType: unknown = 'secp256k1'): NamedKey {
  const type = SIGNATURE_TYPES.find((known) => known.keyType === keyType)
  if (type === undefined) {
    const names = SIGNATURE_TYPES.map((known) => quote(known.keyType)).join(' or ')
    throw invalidArgument('type', keyType, `type is ${quote(keyType)}; it can be ${names}`)
  }
  const expected = `a public key of ${type.keyType} is ${2 * type.keyBytes} hex digits`
  if (typeof publicKey !== 'string' || !/^[0-9a-f]*$/i.test(publicKey)) {
    throw invalidArgument('publicKey', publicKey, `${quote(publicKey)} is not hex; ${expected}`)
  }
  if (publicKey.length !== 2 * type.keyBytes) {
    throw invalidArgument('publicKey', publicKey, `${quote(publicKey)} has ${publicKey.length} hex digits; ${expected}`)
  }
  return { type, hex: publicKey.toLowerCase() }
}

function invalidSignature(cid: string, fault: string): DatabaseError {
  return new DatabaseError('INVALID_SIGNATURE', `block "${cid}" ${fault}`, { cid })
}

function invalidArgument(argument: string, value: unknown, message: string): DatabaseError {
  return new DatabaseError('INVALID_ARGUMENT', message, { argument, value })
}
