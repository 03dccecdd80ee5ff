import { expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { sealBlock } from '../block/codec.ts'
import { COLLECTION_DAG, isCollectionCommit, isDocumentCommit } from '../block/replicated-commit.ts'
import { sealSignature } from '../block/signature-block.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'

const SCHEMA = 'type Card { name: String }'

it('a signed commit is merged, kept with its signature, and passed on with it', async () => {
  const [writer, a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
  const docID = await writer.db.collection('Card').create({ name: 'signed' })
  const signed = (await commitsOf(writer, docID)).map(withSignature)
  const [collectionId = ''] = a.replica.collectionIds()
  expect(await a.replica.merge(collectionId, signed, { peer: 'test' })).toMatchObject({ merged: 1, rejected: [] })
  await deliver(a, b)
  expect(await b.db.collection('Card').get(docID)).toMatchObject({ name: 'signed' })
  expect(await commitsOf(b, docID)).toEqual(signed)
  // The writer's own commit of the same content has another CID: both are there, as two heads of one document.
  await deliver(b, writer)
  expect(await writer.db.execute('{ Card { name _version { height } } }')).toEqual({
    data: { Card: [{ name: 'signed', _version: [{ height: 1 }, { height: 1 }] }] },
  })
})

it('commits show who signed them, and null where nobody did or the signature did not come along', async () => {
  const [writer, node] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
  const cards = writer.db.collection('Card')
  const ids = [await cards.create({ name: 'signed' }), await cards.create({ name: 'bare' }), await cards.create({ name: 'unsigned' })]
  const [signed = [], bare = [], unsigned = []] = await Promise.all(ids.map((id) => commitsOf(writer, id)))
  const [collectionId = ''] = node.replica.collectionIds()
  const withoutBlock = bare.map(withSignature).map(({ composite, fields }) => ({ composite, fields }))
  await node.replica.merge(collectionId, [...signed.map(withSignature), ...withoutBlock, ...unsigned], { peer: 'test' })

  const signature = { type: 'EdDSA', identity: '00'.repeat(32), value: 'AQID', __typename: 'CommitSignature' }
  const selected = 'signature { type identity value __typename }'
  const shown = async (request: string): Promise<unknown> => (await node.db.execute(request)).data
  expect(await shown(`{ Card(order: {name: ASC}) { name _version { ${selected} } } }`)).toEqual({
    Card: [
      { name: 'bare', _version: [{ signature: null }] },
      { name: 'signed', _version: [{ signature }] },
      { name: 'unsigned', _version: [{ signature: null }] },
    ],
  })
  expect(await shown(`{ latestCommits(docID: "${ids[0]}") { ${selected} } }`)).toEqual({ latestCommits: [{ signature }] })
  expect(await shown(`{ commits(docID: "${ids[0]}") { fieldName ${selected} } }`)).toEqual({
    commits: [
      { fieldName: 'name', signature: null },
      { fieldName: '_C', signature },
    ],
  })
})

it('a signed commit of a branchable collection shows its signature', async () => {
  const schema = 'type Log @branchable { line: String }'
  const [writer, node] = [await openTestNode(schema), await openTestNode(schema)]
  await writer.db.collection('Log').create({ line: 'a' })
  const [collectionId = ''] = node.replica.collectionIds()
  const [whole] = await writer.replica.commitsSince(collectionId, COLLECTION_DAG, [])
  if (whole === undefined || !isCollectionCommit(whole)) throw new Error('the collection has no commit of its own')
  const signature = sealSignature({ value: Uint8Array.of(4), type: 'ES256K', identity: '02' })
  const composite = sealBlock({ ...whole.composite.block, signature: signature.cid })
  await node.replica.merge(collectionId, [{ composite, fields: [], signatures: [signature] }], { peer: 'test' })
  expect((await node.db.execute('{ commits(depth: 1) { docID signature { type identity value } } }')).data).toEqual({
    commits: [{ docID: null, signature: { type: 'ES256K', identity: '02', value: 'BA==' } }],
  })
})

async function commitsOf({ replica }: TestNode, docID: string): Promise<readonly Commit[]> {
  const [collectionId = ''] = replica.collectionIds()
  return (await replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit)
}

/** Links a signature block, whose value nobody verifies here. */
function withSignature({ composite, fields }: Commit): Commit {
  const signature = sealSignature({ value: Uint8Array.of(1, 2, 3), type: 'EdDSA', identity: '00'.repeat(32) })
  return { composite: sealBlock({ ...composite.block, signature: signature.cid }), fields, signatures: [signature] }
}
