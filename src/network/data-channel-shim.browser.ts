/**
 * Repairs two races in how @libp2p/webrtc ends its `init` channel. To begin a connection, the initiator opens a data channel of this name, waits until it is
 * open, closes it, and waits until it is closed. The responder closes it too, as soon as it sees it.
 *
 * - When the responder is faster than the initiator's look, the initiator finds the channel closed and waits for `open` until its dial times out (14 of 60
 *   dials between two tabs of one machine).
 * - When the initiator is so fast that Firefox, as the responder, hears of the end together with the opening, Firefox shows the channel as closed but does
 *   not close its own direction. The initiator then waits for `close` until its dial times out (about half of the first dials from Chromium).
 *
 * So nobody closes it: it stays, idle, until its connection ends, and its number is not used again before. The initiator is told at once that it is closed.
 *
 * Idempotent. It concerns only channels with this name, which nobody but libp2p uses.
 */
export function repairDataChannels(scope: DataChannelScope): void {
  const { RTCDataChannel } = scope
  // No WebRTC here, such as in a locked-down browser: then nothing is to be repaired.
  if (RTCDataChannel === undefined || repaired in RTCDataChannel.prototype) return
  const { close } = RTCDataChannel.prototype
  RTCDataChannel.prototype.close = function (this: RTCDataChannel) {
    if (this.label !== 'init') return close.call(this)
    // Whoever waits for it begins to after this call.
    queueMicrotask(() => this.dispatchEvent(new Event('close')))
  }
  Object.defineProperty(RTCDataChannel.prototype, repaired, { value: true })
}

/** The globals it changes. */
export interface DataChannelScope {
  readonly RTCPeerConnection?: typeof RTCPeerConnection
  readonly RTCDataChannel?: typeof RTCDataChannel
}

const repaired: unique symbol = Symbol.for('warrendb.data-channel-repaired')
