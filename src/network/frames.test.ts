import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { systemClock } from '../util/clock.ts'
import { memoryInUse } from '../util/memory.testkit.ts'
import { createFrameBudget, openFrames, type FrameOptions } from './frames.ts'
import { LARGE_FRAME_BYTES } from './limits.ts'
import { FakeStream } from './stream.testkit.ts'

function open(
  options: Partial<FrameOptions> = {},
  stream: FakeStream = new FakeStream(),
): {
  readonly stream: FakeStream
  readonly frames: ReturnType<typeof openFrames>
  readonly heard: string[]
} {
  const heard: string[] = []
  const frames = openFrames(stream.asStream(), {
    most: 100,
    mostWaiting: 50,
    clock: systemClock,
    onFrame: (frame) => heard.push(`frame ${frame.join()}`),
    onClose: () => heard.push('close'),
    onFault: (error) => heard.push(`fault ${error.message}`),
    ...options,
  })
  return { stream, frames, heard }
}

function framed(...frames: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => [0, 0, frame.length >>> 8, frame.length & 0xff, ...frame]))
}

test('frames are read whole and in order, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.array(fc.nat(8)), (frames, cuts) => {
      const { stream, heard } = open()
      let rest = framed(...frames)
      for (const cut of cuts) {
        stream.arrive(rest.subarray(0, cut))
        rest = rest.subarray(cut)
      }
      stream.arrive(rest)
      expect(heard).toEqual(frames.map((frame) => `frame ${frame.join()}`))
    }),
  )
})

test('a frame may come byte by byte, and takes no more memory than its bytes', () => {
  const lengths: number[] = []
  const { stream } = open({ most: LARGE_FRAME_BYTES, onFrame: (frame) => lengths.push(frame.length) })
  const length = 300_000
  stream.arrive(Uint8Array.of(0, length >>> 16, (length >>> 8) & 0xff, length & 0xff))
  const before = memoryInUse()
  for (let index = 1; index < length; index++) stream.arrive(new Uint8Array(1))
  expect(memoryInUse() - before).toBeLessThan(2_000_000)
  stream.arrive(new Uint8Array(1))
  expect(stream.thrown).toEqual([])
  expect(lengths).toEqual([length])
})

test('what is sent is what is read', () => {
  const { stream, frames } = open()
  frames.send(Uint8Array.of(1, 2, 3))
  expect(stream.sent).toEqual([framed(Uint8Array.of(1, 2, 3))])
})

test('a frame that is too large ends the stream before its bytes are read', () => {
  const { stream, heard } = open()
  stream.arrive(Uint8Array.of(0, 0, 0, 101))
  stream.arrive(framed(Uint8Array.of(1)))
  expect(heard).toEqual(['fault a frame of 101 bytes is larger than 100', 'close'])
  expect(stream.aborted?.message).toContain('larger')
})

test('large frames share a budget, which a closed stream gives back', () => {
  const budget = createFrameBudget(LARGE_FRAME_BYTES * 3)
  const length = LARGE_FRAME_BYTES * 2
  const header = Uint8Array.of(0, length >>> 16, 0, 0)
  const first = open({ most: length, budget })
  first.stream.arrive(header)
  const second = open({ most: length, budget })
  second.stream.arrive(header)
  expect(first.heard).toEqual([])
  expect(second.heard[0]).toContain('while others of this size are being read')
  first.frames.close()
  const third = open({ most: length, budget, onFrame: () => {} })
  third.stream.arrive(header)
  third.stream.arrive(new Uint8Array(length))
  third.stream.arrive(header)
  expect(third.heard).toEqual([])
})

test('a full transport is waited for, each time anew', async () => {
  const { stream, frames } = open()
  await frames.drained()
  for (let round = 0; round < 3; round++) {
    stream.writableNeedsDrain = true
    let isDrained = false
    const drained = frames.drained().then(() => (isDrained = true))
    await Promise.resolve()
    expect(isDrained).toBe(false)
    stream.drain()
    await drained
  }
})

test('a peer that takes nothing is let go before what waits for it fills the memory', () => {
  const { stream, frames, heard } = open()
  frames.send(new Uint8Array(60))
  stream.writableNeedsDrain = true
  for (let count = 0; count < 5; count++) frames.send(new Uint8Array(6))
  expect(frames.isOpen).toBe(true)
  frames.send(new Uint8Array(6))
  expect(frames.isOpen).toBe(false)
  expect(heard).toEqual(['close'])
})

test('nobody waits for a transport that has closed', async () => {
  const { stream, frames, heard } = open()
  stream.writableNeedsDrain = true
  const drained = frames.drained()
  frames.close()
  await drained
  frames.send(Uint8Array.of(1))
  expect(frames.isOpen).toBe(false)
  expect(heard).toEqual(['close'])
  expect(stream.sent).toEqual([])
})

test('a stream that was refused before anybody could listen has ended too', async () => {
  const stream = new FakeStream()
  await stream.close()
  const { heard, frames } = open({}, stream)
  expect(heard).toEqual([])
  await Promise.resolve()
  expect(heard).toEqual(['close'])
  frames.close()
  expect(heard).toEqual(['close'])
})

test('a peer that stops writing has left', () => {
  const { stream, heard } = open()
  stream.dispatchEvent(new Event('remoteCloseWrite'))
  expect(heard).toEqual(['close'])
  expect(stream.status).toBe('closed')
})
