import { expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { sealBlock } from '../block/codec.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
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

async function commitsOf({ replica }: TestNode, docID: string): Promise<readonly Commit[]> {
  const [collectionId = ''] = replica.collectionIds()
  return (await replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit)
}

/** Links a signature block, whose value nobody verifies here. */
function withSignature({ composite, fields }: Commit): Commit {
  const signature = sealSignature({ value: Uint8Array.of(1, 2, 3), type: 'EdDSA', identity: '00'.repeat(32) })
  return { composite: sealBlock({ ...composite.block, signature: signature.cid }), fields, signatures: [signature] }
}
