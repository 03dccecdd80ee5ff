import { expect, it } from 'vitest'

import { observeCandidates } from './local-candidates.browser.ts'

it('tells the kinds of candidates of the connection that was given others', async () => {
  const localCandidates = observeCandidates(globalThis)
  // A second time it finds what the first has noted.
  expect(observeCandidates(globalThis)([])).toBeUndefined()
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
  try {
    a.createDataChannel('test')
    const gathered = new Promise<void>((resolve) => {
      a.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate === null) resolve()
      })
    })
    await a.setLocalDescription()
    await gathered
    const candidate = 'candidate:1 1 udp 2113937151 192.0.2.5 50000 typ host generation 0'
    await b.setRemoteDescription(a.localDescription ?? { type: 'offer' })
    await b.setLocalDescription()
    await a.setRemoteDescription(b.localDescription ?? { type: 'answer' })
    await a.addIceCandidate({ candidate, sdpMid: '0' })
    expect(localCandidates([candidate])).toEqual(['host'])
    expect(localCandidates(['candidate of another'])).toBeUndefined()
  } finally {
    a.close()
    b.close()
  }
})
