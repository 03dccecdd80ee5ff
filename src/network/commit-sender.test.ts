import { expect, test } from 'vitest'

import { createCommitSender } from './commit-sender.ts'
import { COMMIT_WINDOW_BYTES, COMMITS_FRAME_BYTES, MAX_LIVE_BACKLOG_BYTES } from './limits.ts'
import { encodeMessage, HASH_BYTES, SYNC_MESSAGES, type SyncMessage } from './messages.ts'
import type { SyncChannel } from './sync-channel.ts'

const TOPIC = new Uint8Array(HASH_BYTES)

function aChannel(): { readonly channel: SyncChannel; readonly sent: SyncMessage[]; close(): void } {
  const sent: SyncMessage[] = []
  let isOpen = true
  return {
    sent,
    close: () => {
      isOpen = false
    },
    channel: {
      send: (message) => {
        sent.push(message)
        return encodeMessage(SYNC_MESSAGES, message).length
      },
      drained: async () => {},
      get isOpen() {
        return isOpen
      },
      roundTrip: undefined,
      doubt: () => {},
      close: () => {},
    },
  }
}

function commits(count: number, length: number): readonly Uint8Array[] {
  return Array.from({ length: count }, () => new Uint8Array(length))
}

function bytesOf(messages: readonly SyncMessage[]): number {
  return messages.reduce((sum, message) => sum + encodeMessage(SYNC_MESSAGES, message).length, 0)
}

/** Lets everything run that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
}

test('commits are packed into frames of the wanted size; a larger one goes alone', async () => {
  const { channel, sent } = aChannel()
  const sender = createCommitSender(channel)
  sender.sendLive(TOPIC, [...commits(3, COMMITS_FRAME_BYTES / 2), ...commits(1, COMMITS_FRAME_BYTES * 3), ...commits(1, 10)])
  await turns()
  expect(sent.map((message) => (message.type === 'commits' ? message.commits.length : 0))).toEqual([2, 1, 1, 1])
})

test('no more is on the way than the peer has room for', async () => {
  const { channel, sent } = aChannel()
  const sender = createCommitSender(channel)
  sender.sendLive(TOPIC, commits(100, COMMITS_FRAME_BYTES))
  await turns()
  const first = bytesOf(sent)
  expect(first).toBeGreaterThanOrEqual(COMMIT_WINDOW_BYTES)
  expect(first).toBeLessThan(COMMIT_WINDOW_BYTES + 2 * COMMITS_FRAME_BYTES)
  expect(sender.acknowledged(first)).toBe(true)
  await turns()
  expect(bytesOf(sent)).toBeGreaterThanOrEqual(first + COMMIT_WINDOW_BYTES)
  expect(sender.acknowledged(10 * COMMIT_WINDOW_BYTES)).toBe(false)
})

test('a live commit overtakes an answer, and the end of an answer comes behind its commits', async () => {
  const { channel, sent } = aChannel()
  const sender = createCommitSender(channel)
  const answered = sender.sendAnswer(7, TOPIC, commits(90, COMMITS_FRAME_BYTES))
  await turns()
  const before = sent.length
  void sender.endAnswer(7, ['bae-1'])
  sender.sendLive(TOPIC, commits(1, 10))
  expect(sender.acknowledged(bytesOf(sent))).toBe(true)
  await turns()
  expect(sent[before]).toMatchObject({ type: 'commits', request: 0 })
  expect(sent.filter(({ type }) => type === 'served')).toEqual([])
  sender.acknowledged(bytesOf(sent.slice(before)))
  await turns()
  await answered
  await turns()
  expect(sent.at(-1)).toEqual({ type: 'served', request: 7, parted: ['bae-1'] })
})

test('live commits for a peer that takes nothing are let go in the end, and it is told so', async () => {
  const { channel, sent } = aChannel()
  let acknowledged = 0
  const sender = createCommitSender(channel)
  const one = commits(4, COMMITS_FRAME_BYTES)
  const frames = (COMMIT_WINDOW_BYTES + MAX_LIVE_BACKLOG_BYTES) / COMMITS_FRAME_BYTES
  for (let index = 0; index < frames; index++) sender.sendLive(TOPIC, one)
  // The peer takes everything after all, and hears that this was not all.
  for (let before = -1; before < sent.length;) {
    before = sent.length
    sender.acknowledged(bytesOf(sent) - acknowledged)
    acknowledged = bytesOf(sent)
    await turns()
  }
  expect(bytesOf(sent)).toBeLessThan(COMMIT_WINDOW_BYTES + MAX_LIVE_BACKLOG_BYTES + 10 * COMMITS_FRAME_BYTES)
  expect(sent.filter(({ type }) => type === 'missed')).toEqual([{ type: 'missed', topic: TOPIC }])
  expect(sent.at(-1)).toEqual({ type: 'missed', topic: TOPIC })
})

test('an answer does not wait for a peer that has left', async () => {
  const { channel, close } = aChannel()
  const sender = createCommitSender(channel)
  const answered = sender.sendAnswer(1, TOPIC, commits(80, COMMITS_FRAME_BYTES))
  await turns()
  close()
  sender.end()
  await answered
})

test('ends of answers wait for a peer that takes nothing, as commits do', async () => {
  const { channel, sent } = aChannel()
  const sender = createCommitSender(channel)
  sender.sendLive(TOPIC, commits(40, COMMITS_FRAME_BYTES))
  let ended = 0
  const ending = (async (): Promise<void> => {
    for (; ended < 10_000; ended++) await sender.endAnswer(ended + 1, ['bae-1'])
  })()
  for (let turn = 0; turn < 10; turn++) await turns()
  expect(ended).toBeLessThan(1000)
  const before = sent.length
  sender.acknowledged(bytesOf(sent))
  await ending
  expect(sent.slice(before).filter(({ type }) => type === 'served').length).toBeGreaterThan(9000)
})

test('an answer to a question with the number of live commits is an answer all the same', async () => {
  const { channel, sent } = aChannel()
  const sender = createCommitSender(channel)
  for (let round = 0; round < 20; round++) {
    await sender.sendAnswer(0, TOPIC, commits(1, COMMITS_FRAME_BYTES))
    await turns()
    sender.acknowledged(bytesOf(sent.splice(0)))
  }
})
