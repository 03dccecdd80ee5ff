import { expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { cidToText, rawCid } from '../block/cid.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { signHistory, withoutSignatureBlocks } from '../block/signed-commit.testkit.ts'
import { packCommit } from '../block/commit.ts'
import { keys } from '../document/keys.ts'
import { aForger, aSigner, type Signer } from '../identity/signing.testkit.ts'
import { openTestNode, type TestNode } from './database.testkit.ts'
import { aSignedCollection } from './signed-collection.testkit.ts'

const SCHEMA = 'type Card { name: String rank: Int }'

async function commitsOf({ replica }: TestNode, docID: string): Promise<readonly Commit[]> {
  const [collectionId = ''] = replica.collectionIds()
  return (await replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit)
}

/** The history of a card with one change, as somebody else has made and signed it. */
async function aSignedHistory(signer: Signer): Promise<readonly Commit[]> {
  const writer = await openTestNode(SCHEMA)
  const docID = await writer.db.collection('Card').create({ name: 'ace', rank: 1 })
  await writer.db.collection('Card').update(docID, { rank: 14 })
  return signHistory(await commitsOf(writer, docID), signer)
}

async function aNodeWith(commits: readonly Commit[]): Promise<TestNode> {
  const node = await openTestNode(SCHEMA)
  const [collectionId = ''] = node.replica.collectionIds()
  expect(await node.replica.merge(collectionId, commits, { peer: 'test' })).toMatchObject({ merged: commits.length, rejected: [] })
  return node
}

/** What verifying a block says: 'signed', or the code and the message. */
async function verdict({ db }: TestNode, ...asked: Parameters<typeof db.blocks.verifySignature>): Promise<unknown> {
  return db.blocks.verifySignature(...asked).then(
    () => 'signed',
    (error: unknown) => error,
  )
}

it.each([
  ['EdDSA', 'ed25519', 'secp256k1'],
  ['ES256K', 'secp256k1', 'ed25519'],
] as const)('a signature of type %s is found and right, of current and old blocks of documents and fields', async (name, type, other) => {
  const signer = aSigner(name)
  const history = await aSignedHistory(signer)
  const node = await aNodeWith(history)
  const signed = history.flatMap(({ composite, fields }) => [composite, ...fields]).filter(({ block }) => block.signature !== undefined)
  expect(signed).toHaveLength(4)
  for (const { cid } of signed) {
    expect(await verdict(node, cidToText(cid), signer.identity, { type })).toBe('signed')
    expect(await verdict(node, cidToText(cid), signer.identity.toUpperCase(), { type })).toBe('signed')
  }
  const [{ cid } = { cid: rawCid(new Uint8Array()) }] = signed
  const stranger = aSigner(other === 'ed25519' ? 'EdDSA' : 'ES256K')
  for (const [key, given] of [
    [aSigner(name), type],
    [stranger, other],
  ] as const) {
    expect(await verdict(node, cidToText(cid), key.identity, { type: given })).toMatchObject({
      code: 'INVALID_SIGNATURE',
      message: `block "${cidToText(cid)}" is signed by the ${name} key "${signer.identity}", not by the ${key.type} key "${key.identity}"`,
      details: { cid: cidToText(cid) },
    })
  }
})

it('a key is one of secp256k1 when nobody says what it is', async () => {
  const signer = aSigner('ES256K')
  const [commit] = await aSignedHistory(signer)
  if (commit === undefined) throw new Error('there is no commit')
  expect(await verdict(await aNodeWith([commit]), cidToText(commit.composite.cid), signer.identity)).toBe('signed')
})

it('a block without a signature, and one whose signature did not come along, say so', async () => {
  const signer = aSigner()
  const node = await aNodeWith((await aSignedHistory(signer)).map(withoutSignatureBlocks))
  const ask = async (cid: unknown): Promise<unknown> => verdict(node, String(cid), signer.identity, { type: 'ed25519' })
  const own = await node.db.collection('Card').create({ name: 'mine' })
  for (const [docID, message] of [
    [own, 'is not signed'],
    [undefined, 'is signed, but its signature is not here'],
  ] as const) {
    const { data } = await node.db.execute(
      docID === undefined
        ? '{ Card(filter: {name: {_eq: "ace"}}) { _version { cid } } }'
        : `{ Card(docID: "${docID}") { _version { cid } } }`,
    )
    const [cid] = /bafy\w+/.exec(JSON.stringify(data)) ?? []
    expect(await ask(cid)).toMatchObject({ code: 'INVALID_SIGNATURE', message: expect.stringContaining(`block "${cid}" ${message}`) })
  }
})

it('a forged signature that stands in the storage is found out', async () => {
  const signer = aSigner()
  const [forged] = await aSignedHistory(aForger(signer))
  const [honest] = await aSignedHistory(signer)
  if (forged === undefined || honest === undefined) throw new Error('there is no commit')
  const node = await aNodeWith([honest])
  // A merge takes no such commit: somebody has been at the storage.
  const { docId } = forged.composite.block.delta
  await node.store.apply([{ key: keys.commit(docId, forged.composite.cid), value: packCommit(forged) }])
  expect(await verdict(node, cidToText(forged.composite.cid), signer.identity, { type: 'ed25519' })).toMatchObject({
    code: 'INVALID_SIGNATURE',
    message: expect.stringContaining(`has a forged signature: it was not made with the EdDSA key ${signer.identity}`),
  })
})

it('a block of a branchable collection is verified too', async () => {
  const { node, signer, signed } = await aSignedCollection()
  expect(await verdict(node, cidToText(signed.composite.cid), signer.identity)).toBe('signed')
})

const ABSENT = cidToText(rawCid(Uint8Array.of(1)))
const ED25519_KEY = 'ab'.repeat(32)

it.each([
  ['a CID that is none', ['nonsense', ED25519_KEY, { type: 'ed25519' }], 'INVALID_ARGUMENT', /"nonsense" is no CID/],
  ['a block that is not here', [ABSENT, ED25519_KEY, { type: 'ed25519' }], 'NOT_FOUND', new RegExp(`no commit "${ABSENT}" here`)],
  ['a key of another type', [ABSENT, ED25519_KEY], 'INVALID_ARGUMENT', /has 64 hex digits; a public key of secp256k1 is 66 hex digits/],
  ['a key that is no hex', [ABSENT, 'key'.repeat(22)], 'INVALID_ARGUMENT', /"keykey.*is not hex/],
  ['no key', [ABSENT, undefined], 'INVALID_ARGUMENT', /undefined is not hex/],
  ['an unknown type', [ABSENT, ED25519_KEY, { type: 'rsa' }], 'INVALID_ARGUMENT', /type is "rsa"; it can be "ed25519" or "secp256k1"/],
])('%s is told', async (_case, asked, code, message) => {
  const node = await openTestNode(SCHEMA)
  const failure = await verdict(node, ...(asked as unknown as Parameters<typeof node.db.blocks.verifySignature>))
  expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
})

it('verifying ends with its signal and with its database', async () => {
  const node = await openTestNode(SCHEMA)
  await node.db.collection('Card').create({ name: 'one' })
  expect(await verdict(node, ABSENT, ED25519_KEY, { type: 'ed25519', signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORTED' })
  await node.db.close()
  expect(await verdict(node, ABSENT, ED25519_KEY, { type: 'ed25519' })).toMatchObject({ code: 'CLOSED' })
})
