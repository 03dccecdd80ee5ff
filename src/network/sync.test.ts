import { expect, test } from 'vitest'

import { aClock } from '../util/clock.testkit.ts'
import { MAX_INTERESTS } from './limits.ts'
import { aSyncNode } from './sync-node.testkit.ts'
import { connectNodes, framed } from './tampered-wire.testkit.ts'

test('two nodes come together that differ in as many collections as nodes may share', async () => {
  const { clock } = aClock()
  const options = { clock, fields: 1, more: MAX_INTERESTS - 1 }
  const [ann, bob] = [await aSyncNode(options), await aSyncNode(options)]
  const collectionIds = ann.replica.collectionIds()
  for (const collectionId of collectionIds) for (const { replica } of [ann, bob]) replica.write(collectionId)
  const wire = connectNodes(ann, bob, (frame) => [framed(frame)])
  for (let round = 0; round < 20; round++) await wire.deliver()
  expect([ann.dropped, bob.dropped]).toEqual([[], []])
  expect(collectionIds.filter((collectionId) => ann.replica.content(collectionId) !== bob.replica.content(collectionId))).toEqual([])
  for (const node of [ann, bob]) node.close()
})
