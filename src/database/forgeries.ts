import type { Block } from '../block/block.ts'
import { cidKey } from '../block/cid.ts'
import { documentOf, isDocumentCommit, type ReplicatedCommit } from '../block/replicated-commit.ts'
import { signedBytes } from '../block/signature-block.ts'
import type { Verifier } from '../identity/verifier.ts'
import { WORTH_A_LOOK, type Pacer } from '../util/pacer.ts'
import { quote } from '../util/quote.ts'
import type { Rejection, Replica } from './replica.ts'

/**
 * Finds commits with a signature that is not what it claims to be. WebCrypto waits, so this is done before a merge has its turn to write.
 *
 * What did not come along says nothing: a block without a signature, one whose signature block is not there, a signature of a type that nobody here knows. Who wants
 * to take a signature away can, as ever; who puts another name under a block is found out.
 */
export interface Forgeries {
  /** The forged ones of these commits, with what is wrong. Of those that are here already, none. The same object is verified once, however often it is asked about. */
  among(
    collectionId: string,
    commits: readonly ReplicatedCommit[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<ReplicatedCommit, Rejection>>
}

export interface ForgeriesParts {
  readonly replica: Pick<Replica, 'lacking'>
  readonly pacer: (signal: AbortSignal | undefined) => Pacer
}

/** Commits verified at a time: as many as WebCrypto has threads, and few enough that those of a curve that it lacks do not hold up a page. */
const VERIFIED_AT_A_TIME = 4

export function createForgeries({ replica, pacer }: ForgeriesParts): Forgeries {
  const faults = new WeakMap<ReplicatedCommit, Promise<string | undefined>>()
  let loading: Promise<Verifier> | undefined

  /** Loaded with the first signature: a database of which nothing is signed carries none of its weight. */
  function verifier(): Promise<Verifier> {
    loading ??= loadVerifier().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }

  function faultOf(commit: ReplicatedCommit): Promise<string | undefined> {
    const known = faults.get(commit)
    if (known !== undefined) return known
    const finding = findFault(commit).catch((error: unknown) => {
      faults.delete(commit)
      throw error
    })
    faults.set(commit, finding)
    return finding
  }

  /** Looks at one block after the other, up to the first that is forged. Nobody's signal ends it: others may wait for the same commit. */
  async function findFault(commit: ReplicatedCommit): Promise<string | undefined> {
    const { verify } = await verifier()
    const pace = pacer(undefined)
    const signatures = new Map(commit.signatures?.map(({ cid, block }) => [cidKey(cid), block]))
    for (const { block } of [commit.composite, ...commit.fields]) {
      const signature = block.signature === undefined ? undefined : signatures.get(cidKey(block.signature))
      if (signature === undefined) continue
      if (pace.isDue(WORTH_A_LOOK)) await pace.rest()
      const verdict = await verify(signature, signedBytes(block))
      if (verdict.kind === 'forged') return `the signature of ${nameOf(commit, block)} is forged: ${verdict.fault}`
    }
    return undefined
  }

  /** Those with signatures that are not stored. */
  async function unverified(collectionId: string, commits: readonly ReplicatedCommit[]): Promise<readonly ReplicatedCommit[]> {
    const signed = commits.filter(isSigned)
    if (signed.length === 0) return []
    const named = signed.map((commit) => ({ docId: documentOf(commit), heads: [commit.composite.cid] }))
    const absent = await replica.lacking(collectionId, named)
    const names = new Set(absent.flatMap(({ docId, heads }) => heads.map((cid) => docId + cidKey(cid))))
    return signed.filter((commit) => names.has(documentOf(commit) + cidKey(commit.composite.cid)))
  }

  return {
    among: async (collectionId, commits, signal) => {
      const forged = new Map<ReplicatedCommit, Rejection>()
      const open = await unverified(collectionId, commits)
      const pace = pacer(signal)
      for (let at = 0; at < open.length; at += VERIFIED_AT_A_TIME) {
        if (pace.isDue(WORTH_A_LOOK)) await pace.rest()
        const some = open.slice(at, at + VERIFIED_AT_A_TIME)
        const found = await Promise.all(some.map(faultOf))
        for (const [index, commit] of some.entries()) {
          const reason = found[index]
          if (reason !== undefined) forged.set(commit, { kind: 'forged', cid: commit.composite.cid, reason })
        }
      }
      return forged
    },
  }
}

/** Whether there is a signature to look at. */
export function isSigned({ signatures }: ReplicatedCommit): boolean {
  return signatures !== undefined
}

async function loadVerifier(): Promise<Verifier> {
  const { createVerifier } = await import('../identity/verifier.ts')
  return createVerifier()
}

function nameOf(commit: ReplicatedCommit, { delta }: Block): string {
  if (!isDocumentCommit(commit)) return 'a commit of the collection'
  const document = `document ${quote(documentOf(commit))}`
  return 'fieldName' in delta ? `field ${quote(delta.fieldName)} of ${document}` : `a commit of ${document}`
}
