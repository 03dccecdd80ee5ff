import { expect, it } from 'vitest'

import { createAttemptLog } from './attempt-log.ts'

const CANDIDATE = 'candidate:1 1 udp 2113937151 192.168.1.5 50000 typ host generation 0'

it('an attempt is remembered as far as it came', () => {
  let now = 0
  const log = createAttemptLog({ now: () => now, date: () => 1000 + now }, (remote) =>
    remote.includes(CANDIDATE) ? ['host', 'srflx'] : undefined,
  )
  expect(log.last('peer')).toBeUndefined()
  const attempt = log.begin('peer')
  expect(log.last('peer')).toEqual({ stage: 'dialling', startedAt: 1000, remote: [] })
  attempt.onProgress({ type: 'webrtc:open-signaling-stream' })
  attempt.onProgress({ type: 'something:else' })
  attempt.onProgress({ type: 'webrtc:read-ice-candidates' })
  attempt.onProgress({ type: 'webrtc:add-ice-candidate', detail: CANDIDATE })
  // What comes late does not take it back.
  attempt.onProgress({ type: 'webrtc:read-sdp-answer' })
  now = 6000
  attempt.end(new Error('signal timed out'))
  expect(log.last('peer')).toEqual({
    stage: 'checking',
    startedAt: 1000,
    milliseconds: 6000,
    error: 'signal timed out',
    remote: ['host'],
    local: ['host', 'srflx'],
  })
})

it('a later attempt takes the place of an earlier one, and one that succeeds has no error', () => {
  const log = createAttemptLog({ now: () => 0, date: () => 0 })
  log.begin('peer').end(new Error('no'))
  log.begin('peer').end()
  expect(log.last('peer')).toEqual({ stage: 'connected', startedAt: 0, milliseconds: 0, remote: [] })
})

it('a failure is told until the next attempt has ended', () => {
  const log = createAttemptLog({ now: () => 0, date: () => 0 })
  log.begin('peer').end(new Error('no way'))
  const next = log.begin('peer')
  next.onProgress({ type: 'webrtc:send-sdp-offer' })
  expect(log.last('peer')).toMatchObject({ error: 'no way' })
  next.end(new Error('still none'))
  expect(log.last('peer')).toMatchObject({ error: 'still none', stage: 'signalling' })
  log.begin('peer').end()
  expect(log.last('peer')).toMatchObject({ stage: 'connected' })
})

it('whoever was tried longest ago is forgotten', () => {
  const log = createAttemptLog({ now: () => 0, date: () => 0 })
  for (let peer = 0; peer < 1000; peer++) log.begin(`${peer}`).end()
  expect(log.last('0')).toBeUndefined()
  expect(log.last('999')).toBeDefined()
})
