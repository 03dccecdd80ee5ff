import { expect, test } from 'vitest'

import type { Commit } from '../block/block.ts'
import { cidKey } from '../block/cid.ts'
import { packCommit } from '../block/commit.ts'
import type { MergeReport } from '../database/replica.ts'
import { createCommitReceiver, openCommits, type CommitReceiver } from './commit-receiver.ts'
import { COMMITS_PER_MERGE, MAX_UNACKNOWLEDGED_BYTES } from './limits.ts'
import { aCommit } from './replica.testkit.ts'

interface Slow {
  readonly receiver: CommitReceiver
  /** Commits of each merge so far. */
  readonly merges: number[]
  readonly heard: string[]
  /** Ends the merge that runs. */
  finish(report?: Partial<MergeReport>): Promise<void>
  fail(): Promise<void>
}

/** A receiver over a storage that takes its time. */
function aSlowReceiver(isRefused = (): boolean => false): Slow {
  const merges: number[] = []
  const heard: string[] = []
  let running = Promise.withResolvers<MergeReport>()
  const receiver = createCommitReceiver({
    peer: 'bob',
    replica: {
      merge: (_collectionId, commits: readonly Commit[]) => {
        merges.push(commits.length)
        running = Promise.withResolvers<MergeReport>()
        return running.promise
      },
    },
    isRefused,
    onAcknowledge: (bytes) => heard.push(`acknowledge ${bytes}`),
    onMissing: (_collectionId, docIds) => heard.push(`missing ${docIds.join()}`),
    onFailed: () => heard.push('failed'),
    onOffence: (offence, reason) => heard.push(`${offence} ${reason}`),
  })
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  return {
    receiver,
    merges,
    heard,
    finish: async (report = {}) => {
      running.resolve({ merged: 0, known: 0, rejected: [], missing: [], ...report })
      await turns()
    },
    fail: async () => {
      running.reject(new Error('full'))
      await turns()
    },
  }
}

function many(count: number): readonly Commit[] {
  return Array.from({ length: count }, () => aCommit())
}

test('what waits of a peer that is refused meanwhile is let go', async () => {
  let isRefused = false
  const { receiver, merges, heard, finish } = aSlowReceiver(() => isRefused)
  receiver.receive('Note', many(1), 10, 'live')
  receiver.receive('Note', many(1), 10, 'live')
  isRefused = true
  receiver.receive('Task', many(1), 10, 'gossip')
  await finish()
  await receiver.settled()
  expect(merges).toEqual([1])
  expect(heard).toEqual(['acknowledge 10', 'acknowledge 10'])
})

test('a commit is merged at once; what comes meanwhile is merged together, up to a bound', async () => {
  const { receiver, merges, finish } = aSlowReceiver()
  receiver.receive('Note', many(1), 10, 'live')
  for (let index = 0; index < 4; index++) receiver.receive('Note', many(100), 10, 'asked')
  receiver.receive('Task', many(1), 10, 'asked')
  for (let index = 0; index < 4; index++) await finish()
  expect(merges).toEqual([1, 200, 200, 1])
  expect(Math.max(...merges)).toBeLessThanOrEqual(COMMITS_PER_MERGE)
  await receiver.settled()
})

test('what is worked off is acknowledged, also when it could not be stored', async () => {
  const { receiver, heard, finish, fail } = aSlowReceiver()
  receiver.receive('Note', many(1), 10, 'live')
  receiver.receive('Note', many(1), 5, 'live')
  receiver.receive('Note', many(1), 6, 'live')
  await fail()
  await finish()
  expect(heard).toEqual(['failed', 'acknowledge 10', 'acknowledge 11'])
})

test('refused commits are offences, and missing ancestors are asked for once a document', async () => {
  const { receiver, heard, finish } = aSlowReceiver()
  const [commit] = many(1)
  if (commit === undefined) throw new Error('no commit')
  const { cid } = commit.composite
  receiver.receive('Note', [commit], 1, 'live')
  const parents = [cid]
  await finish({
    rejected: [{ kind: 'refused', cid, reason: 'no' }],
    missing: [
      { cid, docId: 'a', parents },
      { cid, docId: 'a', parents },
      { cid, docId: 'b', parents },
    ],
  })
  expect(heard).toEqual(['refused a commit was refused: no', 'missing a,b', 'acknowledge 1'])
})

test('how a commit came is known while it is merged', async () => {
  const { receiver, finish } = aSlowReceiver()
  const [live, asked] = [aCommit(), aCommit()]
  receiver.receive('Note', [live], 1, 'live')
  receiver.receive('Note', [asked], 1, 'asked')
  const arrivals = (): unknown => [live, asked].map(({ composite }) => receiver.arrivalOf(cidKey(composite.cid)))
  expect(arrivals()).toEqual(['live', 'asked'])
  await finish()
  expect(arrivals()).toEqual([undefined, 'asked'])
  await finish()
  expect(arrivals()).toEqual([undefined, undefined])
})

test('a peer that sends without waiting for acknowledgements is stopped', () => {
  const { receiver, merges, heard } = aSlowReceiver()
  receiver.receive('Note', many(1), MAX_UNACKNOWLEDGED_BYTES + 1, 'live')
  receiver.receive('Note', many(1), 1, 'live')
  expect(merges).toEqual([1])
  expect(heard).toEqual([expect.stringContaining('flood')])
})

test('what comes by gossip is bounded as well, is let go without a word, and is not acknowledged', async () => {
  const { receiver, merges, heard, finish } = aSlowReceiver()
  receiver.receive('Note', many(1), MAX_UNACKNOWLEDGED_BYTES, 'gossip')
  receiver.receive('Note', many(1), 1, 'gossip')
  for (let index = 0; index < 10; index++) receiver.receive('Note', many(100), 1, 'gossip')
  await finish()
  await finish()
  await receiver.settled()
  expect(merges).toEqual([1, 1])
  expect(heard).toEqual([])
})

test('any number of messages without a commit costs nothing, and is acknowledged at once', async () => {
  const { receiver, merges, heard, finish } = aSlowReceiver()
  receiver.receive('Note', many(1), 10, 'live')
  for (let index = 0; index < 200_000; index++) receiver.receive('Note', [], 40, 'live')
  expect(heard).toHaveLength(200_000)
  await finish()
  await receiver.settled()
  expect(merges).toEqual([1])
  expect(heard).toHaveLength(200_001)
})

test('of packed commits the good ones are opened', () => {
  const offences: string[] = []
  const good = packCommit(aCommit())
  const opened = openCommits([good, Uint8Array.of(1), good.subarray(1)], (offence) => offences.push(offence))
  expect(opened).toHaveLength(1)
  expect(offences).toEqual(['garbage', 'garbage'])
})
