import { COLLECTION_DAG, isCollectionCommit, type CollectionCommit } from '../block/replicated-commit.ts'
import { signCollectionCommit } from '../block/signed-commit.testkit.ts'
import { aSigner, type Signer } from '../identity/signing.testkit.ts'
import { openTestNode, type TestNode } from './database.testkit.ts'

/** A node that has merged a signed commit of a branchable collection, which another one has written. */
export async function aSignedCollection(): Promise<{
  readonly node: TestNode
  readonly signer: Signer
  readonly signed: CollectionCommit
}> {
  const schema = 'type Log @branchable { line: String }'
  const [writer, node] = [await openTestNode(schema), await openTestNode(schema)]
  await writer.db.collection('Log').create({ line: 'a' })
  const [collectionId = ''] = node.replica.collectionIds()
  const [whole] = await writer.replica.commitsSince(collectionId, COLLECTION_DAG, [])
  if (whole === undefined || !isCollectionCommit(whole)) throw new Error('the collection has no commit of its own')
  const signer = aSigner('ES256K')
  const signed = signCollectionCommit(whole, signer)
  await node.replica.merge(collectionId, [signed], { peer: 'test' })
  return { node, signer, signed }
}
