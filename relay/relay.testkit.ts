import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { TestNode } from '../src/network/network.testkit.ts'
import { aStranger, type Stranger } from '../src/network/stranger.testkit.ts'
import { startRelay, type Relay, type RelayOptions } from './relay.ts'

/** A relay on this machine, until the test has ended. */
export async function aRelay(options: RelayOptions = {}): Promise<Relay> {
  const relay = await startRelay({ port: 0, host: '127.0.0.1', ...options })
  onTestFinished(() => relay.close())
  return relay
}

/** Somebody who connects, until the test has ended. */
export async function somebody(): Promise<Stranger> {
  const stranger = await aStranger()
  onTestFinished(() => stranger.close())
  return stranger
}

/** A folder that is removed when the test has ended. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-relay-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A policy that allows no candidate: WebRTC fails, as between two strict NATs, and a relay carries everything. */
export const NO_WAY: readonly RTCIceServer[] = [{ urls: 'turn:127.0.0.1:1', username: 'nobody', credential: 'none' }]

/** Makes every WebRTC dial of a node fail. */
export function blockDirect({ host: { node } }: Pick<TestNode, 'host'>): void {
  const dial = node.dial.bind(node)
  node.dial = (target, options) =>
    String(target).includes('/webrtc') ? Promise.reject(new Error('no candidate pair works')) : dial(target, options)
}
