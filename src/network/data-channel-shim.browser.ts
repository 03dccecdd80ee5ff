/**
 * Repairs a race in @libp2p/webrtc before it can start. To begin a connection, the initiator opens a data channel named `init`, waits until it is open and
 * closes it. The responder closes it too, as soon as it sees it; when that is faster than the initiator's look, the initiator finds the channel closed and
 * waits for `open` until its dial times out (14 of 60 dials between two tabs of one machine). So the responder must leave the channel alone: only who made
 * it closes it.
 *
 * Idempotent. It concerns only channels with this name, which nobody but libp2p uses.
 */
export function repairDataChannels(scope: DataChannelScope): void {
  const { RTCPeerConnection, RTCDataChannel } = scope
  // No WebRTC here, such as in a locked-down browser: then nothing is to be repaired.
  if (RTCPeerConnection === undefined || RTCDataChannel === undefined || repaired in RTCDataChannel.prototype) return
  const own = new WeakSet<object>()
  const { createDataChannel } = RTCPeerConnection.prototype
  const { close } = RTCDataChannel.prototype
  RTCPeerConnection.prototype.createDataChannel = function (this: RTCPeerConnection, ...args) {
    const channel = createDataChannel.apply(this, args)
    own.add(channel)
    return channel
  }
  RTCDataChannel.prototype.close = function (this: RTCDataChannel) {
    if (this.label !== 'init' || own.has(this)) close.call(this)
  }
  Object.defineProperty(RTCDataChannel.prototype, repaired, { value: true })
}

/** The globals it changes. */
export interface DataChannelScope {
  readonly RTCPeerConnection?: typeof RTCPeerConnection
  readonly RTCDataChannel?: typeof RTCDataChannel
}

const repaired: unique symbol = Symbol.for('warrendb.data-channel-repaired')
