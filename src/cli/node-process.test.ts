import { expect, it } from 'vitest'

import { startNodeProcess } from './node-process.testkit.ts'

it('starts, answers, and ends in order when it is told to', async () => {
  await using node = await startNodeProcess()
  expect(await node.client('p2p', 'info')).toMatchObject({ code: 0, out: expect.stringContaining(node.peerId) })
  expect(await node.stop('SIGINT')).toBe(0)
  expect(node.lines.at(-1)).toContain('INF cli Stopped')
})
