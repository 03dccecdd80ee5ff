import { describe, expect, it, onTestFinished, vi } from 'vitest'

import type { Commit } from '../block/block.ts'
import { cidKey } from '../block/cid.ts'
import { sealBlock } from '../block/codec.ts'
import { withSignatures } from '../block/commit.ts'
import { sealEncryption } from '../block/encryption-block.ts'
import { COLLECTION_DAG, isCollectionCommit, isDocumentCommit, type ReplicatedCommit } from '../block/replicated-commit.ts'
import { signCollectionCommit, signCommit, signHistory, withoutSignatureBlocks } from '../block/signed-commit.testkit.ts'
import { aForger, aSigner, type Signer } from '../identity/signing.testkit.ts'
import type { Signature } from '../identity/verifier.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { countedPacing } from '../util/pacer.testkit.ts'
import { deliver, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'
import { encryptHistory } from './encrypted-history.testkit.ts'
import type { MergeReport } from './replica.ts'

const SCHEMA = 'type Card { name: String votes: Int @crdt(type: pncounter) }'

const signer = aSigner()
const forger = aForger(signer)

/** A document of two commits, by somebody without a key. */
async function aHistory(): Promise<{ readonly docID: string; readonly commits: readonly Commit[] }> {
  const writer = await openTestNode(SCHEMA)
  const docID = await writer.db.collection('Card').create({ name: 'one', votes: 1 })
  await writer.db.collection('Card').update(docID, { name: 'two', votes: 2 })
  const [collectionId = ''] = writer.replica.collectionIds()
  return { docID, commits: (await writer.replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit) }
}

async function aFirstCommit(): Promise<Commit> {
  return aFirstCommitOf({ name: 'one', votes: 1 })
}

async function merge({ replica }: TestNode, commits: readonly ReplicatedCommit[], signal?: AbortSignal): Promise<MergeReport> {
  const [collectionId = ''] = replica.collectionIds()
  return replica.merge(collectionId, commits, { peer: 'test', ...(signal === undefined ? {} : { signal }) })
}

/** How often WebCrypto was asked to verify since. */
function verifications(): () => number {
  const spy = vi.spyOn(crypto.subtle, 'verify')
  onTestFinished(() => spy.mockRestore())
  return () => spy.mock.calls.length
}

/** A signer whose signatures are changed in this. */
function changed(change: Partial<Signature>): Signer {
  return { ...signer, sign: (message) => ({ ...signer.sign(message), ...change }) }
}

const FORGERIES: readonly (readonly [what: string, make: (commit: Commit) => Commit, reason: RegExp])[] = [
  [
    'under the name of another',
    (commit) => signCommit(commit, forger),
    /a commit of document "bae-.*" is forged: it was not made with the EdDSA/,
  ],
  ['of a field block only', (commit) => signCommit(commit, signer, forger), /of field "(name|votes)" of document "bae-.*" is forged/],
  ['over other bytes', (commit) => signCommit(commit, changed(signer.sign(Uint8Array.of(1)))), /is forged/],
  ['of no bytes', (commit) => signCommit(commit, changed({ value: new Uint8Array() })), /is forged/],
  ['by nobody', (commit) => signCommit(commit, changed({ identity: '' })), /"" is no key for EdDSA/],
  ['with the name of another type', (commit) => signCommit(commit, changed({ type: 'ES256K' })), /is no key for ES256K/],
  [
    'taken from a block of the same signer',
    (commit) => {
      const { signatures = [] } = signCommit(commit, signer)
      const [, ofField] = signatures
      if (ofField === undefined) throw new Error('no field is signed')
      return withSignatures({ ...commit, composite: sealBlock({ ...commit.composite.block, signature: ofField.cid }) }, [ofField])
    },
    /a commit of document/,
  ],
]

describe('a commit with a signature', () => {
  it.each(FORGERIES)('%s is rejected, and nothing of it is stored', async (_what, make, reason) => {
    const store = watchedStore(await openMemoryStore())
    const node = await openTestNode(SCHEMA, { store })
    const forged = make(await aFirstCommit())
    const { applies } = store
    const report = await merge(node, [forged])
    expect(report).toEqual({
      merged: 0,
      known: 0,
      missing: [],
      rejected: [{ kind: 'forged', cid: forged.composite.cid, reason: expect.stringMatching(reason) }],
    })
    expect(store.applies).toBe(applies)
    expect(await node.db.execute('{ Card { name } commits { cid } }')).toEqual({ data: { Card: [], commits: [] } })
  })

  it('of a type that nobody here knows is merged and kept: it says nothing', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const commit = signCommit(await aFirstCommit(), changed({ type: 'ES512' }))
    expect(await merge(a, [commit])).toMatchObject({ merged: 1, rejected: [] })
    await deliver(a, b)
    expect((await b.db.execute('{ Card { _version { signature { type } } } }')).data).toEqual({
      Card: [{ _version: [{ signature: { type: 'ES512' } }] }],
    })
  })

  it('whose block did not come along is merged, and shows none', async () => {
    const node = await openTestNode(SCHEMA)
    expect(await merge(node, [withoutSignatureBlocks(signCommit(await aFirstCommit(), forger))])).toMatchObject({ merged: 1, rejected: [] })
    expect((await node.db.execute('{ Card { _version { signature { type } } } }')).data).toEqual({
      Card: [{ _version: [{ signature: null }] }],
    })
  })

  it('over encrypted data is verified without the key', async () => {
    const { commits } = await aHistory()
    const secret = sealEncryption({ key: new Uint8Array(32).fill(7), docId: commits[0]?.composite.block.delta.docId ?? '' })
    const encrypted = await encryptHistory(commits, secret, 'whole')
    expect(await merge(await openTestNode(SCHEMA), signHistory(encrypted, signer))).toMatchObject({ merged: 2, rejected: [] })
    expect(await merge(await openTestNode(SCHEMA), signHistory(encrypted, forger))).toMatchObject({ merged: 0, rejected: [{}, {}] })
  })

  it("of a collection's own is looked at too", async () => {
    const schema = 'type Log @branchable { line: String }'
    const [writer, node] = [await openTestNode(schema), await openTestNode(schema)]
    await writer.db.collection('Log').create({ line: 'a' })
    const [collectionId = ''] = writer.replica.collectionIds()
    const [whole] = await writer.replica.commitsSince(collectionId, COLLECTION_DAG, [])
    if (whole === undefined || !isCollectionCommit(whole)) throw new Error('the collection has no commit of its own')
    const forged = signCollectionCommit(whole, forger)
    const reason = expect.stringMatching(/a commit of the collection is forged/)
    expect(await merge(node, [forged])).toMatchObject({ merged: 0, rejected: [{ kind: 'forged', cid: forged.composite.cid, reason }] })
    expect(await merge(node, [signCollectionCommit(whole, signer)])).toMatchObject({ merged: 1, rejected: [] })
  })
})

describe('the commits beside a forged one', () => {
  it('are merged, but for those that build on it', async () => {
    const node = await openTestNode(SCHEMA)
    const [{ commits: good }, { docID, commits: bad }] = [await aHistory(), await aHistory()]
    const other = await aFirstCommitOf({ name: 'other' })
    const [first, second] = signHistory(bad, forger)
    if (first === undefined || second === undefined) throw new Error('the document has no commits')
    const honest = signCommit({ ...withoutSignatureBlocks(second), composite: unsigned(second) }, signer)
    const report = await merge(node, [honest, first, other, ...signHistory(good, signer)])
    expect(report).toMatchObject({
      merged: 3,
      rejected: [{ kind: 'forged', cid: first.composite.cid }],
      missing: [{ docId: docID, parents: [first.composite.cid] }],
    })
  })

  it('include itself without the signature', async () => {
    const node = await openTestNode(SCHEMA)
    const forged = signCommit(await aFirstCommit(), forger)
    expect(await merge(node, [forged, withoutSignatureBlocks(forged)])).toMatchObject({ merged: 1, rejected: [{ kind: 'forged' }] })
  })
})

describe('verifying', () => {
  it('is done once for each signature, not for commits that are here, and not beyond a forged one', async () => {
    const count = verifications()
    const node = await openTestNode(SCHEMA)
    const { commits } = await aHistory()
    const history = signHistory(commits, signer)
    expect(history.flatMap(({ signatures = [] }) => signatures)).toHaveLength(4)
    await merge(node, history)
    // One is a test of WebCrypto itself.
    expect(count()).toBe(5)
    await merge(node, signHistory(commits, signer))
    expect(count()).toBe(5)
    await merge(node, [signCommit(await aFirstCommitOf({ name: 'x', votes: 1 }), forger)])
    expect(count()).toBe(6)
  })

  it('is not done again for those who ask before or after the merge', async () => {
    const count = verifications()
    const node = await openTestNode(SCHEMA)
    const [collectionId = ''] = node.replica.collectionIds()
    const commits = [await aFirstCommitOf({ name: 'a' }), await aFirstCommitOf({ name: 'b' })]
    const given = commits.map((commit, index) => signCommit(commit, index === 0 ? signer : forger))
    const [asked, report, later] = [
      await node.replica.forged(collectionId, given),
      await merge(node, given),
      await node.replica.forged(collectionId, given),
    ]
    expect(asked.map(({ cid }) => cidKey(cid))).toEqual(given.slice(1).map(({ composite }) => cidKey(composite.cid)))
    expect(asked).toEqual(report.rejected)
    expect(later).toEqual(asked)
    expect(count()).toBe(1 + 2 + 1)
  })

  it('reads nothing and waits for nothing where nothing is signed', async () => {
    const store = watchedStore(await openMemoryStore())
    const node = await openTestNode(SCHEMA, { store })
    const commits = [await aFirstCommitOf({ name: 'a' }), await aFirstCommitOf({ name: 'b' })]
    const { applies, reads } = store
    await Promise.all(commits.map((commit) => merge(node, [commit])))
    expect(store.applies).toBe(applies + 1)
    const unsignedReads = store.reads - reads
    await merge(node, [signCommit(await aFirstCommitOf({ name: 'c' }), signer)])
    expect(store.reads - reads - unsignedReads).toBeLessThanOrEqual(unsignedReads + 1)
  })

  it('rests in between, and ends when the signal fires', async () => {
    const controller = new AbortController()
    let stopAt = Number.POSITIVE_INFINITY
    const pacing = countedPacing((rests) => {
      if (rests === stopAt) controller.abort()
    })
    const node = await openTestNode(SCHEMA, { pacing })
    const commits = await Promise.all(Array.from({ length: 40 }, (_, index) => aFirstCommitOf({ name: `card ${index}` })))
    const signed = commits.map((commit) => signCommit(commit, signer))
    const count = verifications()
    stopAt = pacing.rests + 20
    await expect(merge(node, signed, controller.signal)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(count()).toBeGreaterThan(0)
    expect(count()).toBeLessThan(80)
    expect((await merge(node, signed)).merged).toBe(40)
  })
})

async function aFirstCommitOf(values: { readonly name: string; readonly votes?: number }): Promise<Commit> {
  const writer = await openTestNode(SCHEMA)
  const docID = await writer.db.collection('Card').create(values)
  const [collectionId = ''] = writer.replica.collectionIds()
  const [commit] = (await writer.replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit)
  if (commit === undefined) throw new Error('the document has no commits')
  return commit
}

function unsigned({ composite }: Commit): Commit['composite'] {
  const { signature: _, ...block } = composite.block
  return sealBlock(block)
}
