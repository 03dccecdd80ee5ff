import process from 'node:process'

import type { Listener, Transport } from '@libp2p/interface'
import { webRTCDirect, type WebRTCDirectTransportComponents, type WebRTCTransportDirectInit } from '@libp2p/webrtc'

/**
 * The WebRTC-direct transport, with a repair: its native listeners are not stopped before the process ends. Whether libdatachannel 0.24 unregisters a listener that is
 * stopped is decided by a flag that nothing initializes; mostly it does not, and the first packet of anybody who still wants to connect then calls an object that is
 * freed and aborts the process. A listener that goes on belongs to a node that is closed, which refuses everybody.
 *
 * So the UDP port stays with the process: it cannot be listened on again before the process has ended.
 */
export function lastingWebRtcDirect(init: WebRTCTransportDirectInit): (components: WebRTCDirectTransportComponents) => Transport {
  return (components) => {
    const transport = webRTCDirect(init)(components)
    const create = transport.createListener.bind(transport)
    const createListener: Transport['createListener'] = (options) => lasting(create(options))
    return Object.assign(transport, { createListener })
  }
}

function lasting(listener: Listener): Listener {
  const listen = listener.listen.bind(listener)
  return Object.assign(listener, {
    listen: async (address: Parameters<Listener['listen']>[0]) => {
      await listen(address)
      const server: unknown = Reflect.get(listener, 'stunServer')
      if (!isServer(server)) return
      const stop = server.close.bind(server)
      Object.assign(server, { close: async () => stopAtTheEnd(stop) })
    },
  })
}

function isServer(value: unknown): value is { close(): Promise<void> } {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function'
}

/** The listener itself keeps the process alive, so somebody has to look whether anything else does. */
const LOOK_EVERY = 100

/** What is listed though it keeps nothing alive: the standard streams. */
const STREAMS: ReadonlySet<string> = new Set(['TTYWrap', 'PipeWrap', 'FSReqCallback', 'CloseReq'])

function stopAtTheEnd(stop: () => Promise<void>): void {
  const timer = setInterval(() => {
    if (!process.getActiveResourcesInfo().every((kind) => STREAMS.has(kind))) return
    clearInterval(timer)
    void stop()
  }, LOOK_EVERY)
  timer.unref()
}
