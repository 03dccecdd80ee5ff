import { expect, onTestFinished, test } from 'vitest'

import { repairDataChannels } from './data-channel-shim.browser.ts'

/** Two connected peer connections of this page. */
async function aPair(): Promise<{ readonly ann: RTCPeerConnection; readonly bob: RTCPeerConnection; negotiate(): Promise<void> }> {
  const [ann, bob] = [new RTCPeerConnection(), new RTCPeerConnection()]
  ann.addEventListener('icecandidate', ({ candidate }) => void bob.addIceCandidate(candidate ?? undefined))
  bob.addEventListener('icecandidate', ({ candidate }) => void ann.addIceCandidate(candidate ?? undefined))
  onTestFinished(() => {
    ann.close()
    bob.close()
  })
  return {
    ann,
    bob,
    negotiate: async () => {
      await ann.setLocalDescription()
      await bob.setRemoteDescription(ann.localDescription ?? { type: 'offer' })
      await bob.setLocalDescription()
      await ann.setRemoteDescription(bob.localDescription ?? { type: 'answer' })
    },
  }
}

function next<Name extends string>(target: EventTarget, name: Name): Promise<Event> {
  return new Promise((resolve) => {
    target.addEventListener(name, resolve, { once: true })
  })
}

async function channelOf(peer: RTCPeerConnection): Promise<RTCDataChannel> {
  const event = await next(peer, 'datachannel')
  if (!(event instanceof RTCDataChannelEvent)) throw new Error('not a channel')
  return event.channel
}

test('neither side ends the init channel; who closes it is told that it is closed', async () => {
  repairDataChannels(globalThis)
  const { ann, bob, negotiate } = await aPair()
  const init = ann.createDataChannel('init')
  const received = channelOf(bob)
  await negotiate()
  const channel = await received
  channel.close()
  if (init.readyState === 'connecting') await next(init, 'open')
  expect([init.readyState, channel.readyState]).toEqual(['open', 'open'])
  init.close()
  await next(init, 'close')
  // A message goes through after the close: its number has not been given up.
  const message = next(channel, 'message')
  init.send('still here')
  await message
  expect(ann.createDataChannel('').id).not.toBe(init.id)
})

test('other channels are closed by either side', async () => {
  repairDataChannels(globalThis)
  const { ann, bob, negotiate } = await aPair()
  const data = ann.createDataChannel('')
  const received = channelOf(bob)
  await negotiate()
  const closed = next(data, 'close')
  const channel = await received
  channel.close()
  await closed
})

test('repairing twice changes nothing, and a browser without WebRTC is left alone', () => {
  repairDataChannels(globalThis)
  const { close } = RTCDataChannel.prototype
  repairDataChannels(globalThis)
  expect(RTCDataChannel.prototype.close).toBe(close)
  repairDataChannels({})
})
