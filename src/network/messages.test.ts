import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'

import { bytesToHex, encodeText } from '../util/bytes.ts'
import {
  decodeMessage,
  encodeMessage,
  GOSSIP_MESSAGES,
  GOSSIP_VERSION,
  INVITATION,
  INVITATION_VERSION,
  SYNC_MESSAGES,
  SYNC_PROTOCOL,
  SYNC_VERSION,
  TREE_ANSWER,
  TREE_QUESTION,
  WHO_MESSAGES,
  WHO_PROTOCOL,
  WHO_VERSION,
  type MessageTable,
} from './messages.ts'

/** The hash of each protocol's messages, by its version. A changed message gets a new version and a new line; the old line goes. */
const HASHES = {
  sync: { 3: 'ba79fb9756de4526' },
  who: { 2: '95278ab7ef60819d' },
  gossip: { 1: 'dd45de75fdf05de0' },
  invitation: { 1: 'fe98ce6d477c2cdb' },
}

function hashOf(...shapes: readonly string[]): string {
  return bytesToHex(sha256(encodeText(shapes.join('\n')))).slice(0, 16)
}

function shapesOf<Bodies>(table: MessageTable<Bodies>): string[] {
  const names = Object.keys(table) as (keyof Bodies & string)[]
  return names.map((name) => `${name} ${table[name].id} ${table[name].body.shape}`)
}

test('a changed message comes with a new version of its protocol', () => {
  const sync = hashOf(...shapesOf(SYNC_MESSAGES), TREE_QUESTION.shape, TREE_ANSWER.shape)
  expect({ [SYNC_VERSION]: sync }, 'bump SYNC_VERSION and write this hash beside it').toEqual(HASHES.sync)
  expect({ [WHO_VERSION]: hashOf(...shapesOf(WHO_MESSAGES)) }, 'bump WHO_VERSION and write this hash beside it').toEqual(HASHES.who)
  expect({ [GOSSIP_VERSION]: hashOf(...shapesOf(GOSSIP_MESSAGES)) }, 'bump GOSSIP_VERSION and write this hash beside it').toEqual(
    HASHES.gossip,
  )
  const invitation = hashOf(INVITATION.shape)
  expect({ [INVITATION_VERSION]: invitation }, 'bump INVITATION_VERSION and write this hash beside it').toEqual(HASHES.invitation)
})

test('the protocol names carry the versions', () => {
  expect([SYNC_PROTOCOL, WHO_PROTOCOL]).toEqual([`/warren/sync/${SYNC_VERSION}.0.0`, `/warren/who/${WHO_VERSION}.0.0`])
})

test('no two messages of a table have one number', () => {
  for (const table of [SYNC_MESSAGES, WHO_MESSAGES, GOSSIP_MESSAGES]) {
    const numbers = Object.values(table).map(({ id }: { readonly id: number }) => id)
    expect(new Set(numbers).size).toBe(numbers.length)
  }
})

test('a message is read back, and an unknown number is refused', () => {
  const message = {
    type: 'want',
    request: 7,
    topic: new Uint8Array(32),
    documents: [{ docId: 'bae-1', cids: [new Uint8Array(36)] }],
  } as const
  expect(decodeMessage(SYNC_MESSAGES, encodeMessage(SYNC_MESSAGES, message))).toEqual(message)
  expect(() => decodeMessage(SYNC_MESSAGES, Uint8Array.of(200))).toThrow('no message with the number 200')
  expect(() => decodeMessage(SYNC_MESSAGES, new Uint8Array(0))).toThrow('no message with the number undefined')
})
