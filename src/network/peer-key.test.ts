import { expect, test } from 'vitest'

import { generateKeyPair } from '@libp2p/crypto/keys'

import { checkPeerKey, loadPeerKey } from './peer-key.ts'
import { createMemoryReplica } from './replica.testkit.ts'

async function newPeerKey(): Promise<Uint8Array> {
  return (await generateKeyPair('Ed25519')).raw
}

function aReplica(): ReturnType<typeof createMemoryReplica> & { readonly settings: Map<string, Uint8Array> } {
  const settings = new Map<string, Uint8Array>()
  return { ...createMemoryReplica({ settings }), settings }
}

test('a key is made once and kept', async () => {
  const replica = aReplica()
  const first = await loadPeerKey(replica)
  expect((await loadPeerKey(replica)).equals(first)).toBe(true)
  expect([...replica.settings.keys()]).toEqual(['peer-key'])
})

test('a given key is the node, as a whole or as its seed, and nothing is kept', async () => {
  const replica = aReplica()
  const given = await newPeerKey()
  const whole = await loadPeerKey(replica, given)
  const ofSeed = await loadPeerKey(replica, given.slice(0, 32))
  expect(whole.raw).toEqual(given)
  expect(ofSeed.equals(whole)).toBe(true)
  expect(replica.settings.size).toBe(0)
})

test('a kept key is removed once it is given by somebody who keeps it, and stays when another is given', async () => {
  const replica = aReplica()
  const kept = await loadPeerKey(replica)
  await loadPeerKey(replica, await newPeerKey())
  expect((await loadPeerKey(replica)).equals(kept)).toBe(true)

  const asked: (Uint8Array | undefined)[] = []
  const taken = await loadPeerKey(replica, async (key) => {
    asked.push(key)
    return key ?? newPeerKey()
  })
  expect(asked).toEqual([kept.raw])
  expect(taken.equals(kept)).toBe(true)
  expect(replica.settings.size).toBe(0)
  const ofNobody = await newPeerKey()
  expect((await loadPeerKey(replica, async () => ofNobody)).raw).toEqual(ofNobody)
})

test('a kept key stays when the given one is wrong', async () => {
  const replica = aReplica()
  await loadPeerKey(replica)
  const wrong = await newPeerKey()
  wrong.set([(wrong[63] ?? 0) ^ 1], 63)
  await expect(loadPeerKey(replica, wrong)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('are not the public key'),
  })
  expect(replica.settings.size).toBe(1)
})

test.each([
  ['of 31 bytes', new Uint8Array(31).fill(0xab), 'has 31 bytes'],
  ['of 65 bytes', new Uint8Array(65).fill(0xab), 'has 65 bytes'],
  ['as text', 'abababab', 'is no Uint8Array'],
])('a key %s is refused and not shown', (_case, key, message) => {
  const check = (): void => checkPeerKey(key)
  expect(check).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', details: { argument: 'p2p.peerKey' } }))
  expect(check).toThrow(message)
  expect(check).not.toThrow(/171|abab/)
})
