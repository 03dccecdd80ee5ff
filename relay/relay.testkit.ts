import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

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
