import { expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { signCommit, signHistory, withoutSignatureBlocks } from '../block/signed-commit.testkit.ts'
import { aSigner } from '../identity/signing.testkit.ts'
import { bytesToBase64 } from '../util/bytes.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'
import { aSignedCollection } from './signed-collection.testkit.ts'

const SCHEMA = 'type Card { name: String }'

it.each(['EdDSA', 'ES256K'] as const)(
  'a history signed with %s is merged, kept with its signatures, and passed on with them',
  async (type) => {
    const [writer, a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const docID = await writer.db.collection('Card').create({ name: 'signed' })
    await writer.db.collection('Card').update(docID, { name: 'signed again' })
    const signed = signHistory(await commitsOf(writer, docID), aSigner(type))
    expect(signed.map(({ signatures = [] }) => signatures.length)).toEqual([2, 1])
    const [collectionId = ''] = a.replica.collectionIds()
    expect(await a.replica.merge(collectionId, signed.toReversed(), { peer: 'test' })).toMatchObject({ merged: 2, rejected: [] })
    await deliver(a, b)
    expect(await b.db.collection('Card').get(docID)).toMatchObject({ name: 'signed again' })
    expect(await commitsOf(b, docID)).toEqual(signed)
    // The writer's own commits of the same content have other CIDs: both are there, as two heads of one document.
    await deliver(b, writer)
    expect(await writer.db.execute('{ Card { name _version { height } } }')).toEqual({
      data: { Card: [{ name: 'signed again', _version: [{ height: 2 }, { height: 2 }] }] },
    })
  },
)

it('commits show who signed them, and null where nobody did or the signature did not come along', async () => {
  const [writer, node] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
  const cards = writer.db.collection('Card')
  const signer = aSigner()
  const ids = [await cards.create({ name: 'signed' }), await cards.create({ name: 'bare' }), await cards.create({ name: 'unsigned' })]
  const [plain = [], bare = [], unsigned = []] = await Promise.all(ids.map((id) => commitsOf(writer, id)))
  const [collectionId = ''] = node.replica.collectionIds()
  const signed = plain.map((commit) => signCommit(commit, signer))
  const withoutBlocks = bare.map((commit) => withoutSignatureBlocks(signCommit(commit, signer)))
  await node.replica.merge(collectionId, [...signed, ...withoutBlocks, ...unsigned], { peer: 'test' })

  const [ofComposite, ofField] = (signed[0]?.signatures ?? []).map(({ block: { type, identity, value } }) => ({
    type,
    identity,
    value: bytesToBase64(value),
    __typename: 'CommitSignature',
  }))
  const selected = 'signature { type identity value __typename }'
  const shown = async (request: string): Promise<unknown> => (await node.db.execute(request)).data
  expect(await shown(`{ Card(order: {name: ASC}) { name _version { ${selected} } } }`)).toEqual({
    Card: [
      { name: 'bare', _version: [{ signature: null }] },
      { name: 'signed', _version: [{ signature: ofComposite }] },
      { name: 'unsigned', _version: [{ signature: null }] },
    ],
  })
  expect(await shown(`{ latestCommits(docID: "${ids[0]}") { ${selected} } }`)).toEqual({ latestCommits: [{ signature: ofComposite }] })
  expect(await shown(`{ commits(docID: "${ids[0]}") { fieldName ${selected} } }`)).toEqual({
    commits: [
      { fieldName: 'name', signature: ofField },
      { fieldName: '_C', signature: ofComposite },
    ],
  })
})

it('a signed commit of a branchable collection shows its signature', async () => {
  const { node, signer, signed } = await aSignedCollection()
  const value = bytesToBase64(signed.signatures?.[0]?.block.value ?? new Uint8Array())
  expect((await node.db.execute('{ commits(depth: 1) { docID signature { type identity value } } }')).data).toEqual({
    commits: [{ docID: null, signature: { type: 'ES256K', identity: signer.identity, value } }],
  })
})

async function commitsOf({ replica }: TestNode, docID: string): Promise<readonly Commit[]> {
  const [collectionId = ''] = replica.collectionIds()
  return (await replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit)
}
