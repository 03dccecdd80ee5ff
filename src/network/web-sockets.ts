import { transportSymbol, type MultiaddrConnection, type Transport, type Upgrader } from '@libp2p/interface'
import { webSockets, type WebSocketsComponents } from '@libp2p/websockets'

/**
 * The WebSocket transport, with a repair: to abort a connection the library calls `close(1006)` on the socket, which every implementation refuses with
 * an exception that is then swallowed. The connection counts as closed, its socket stays open, and the other side learns nothing; a relay would keep the
 * sockets of all who connect and say no word.
 */
export function repairedWebSockets(): (components: WebSocketsComponents) => Transport {
  return (components) => {
    const transport = webSockets()(components)
    return {
      [transportSymbol]: true,
      [Symbol.toStringTag]: transport[Symbol.toStringTag],
      dial: (address, options) => transport.dial(address, { ...options, upgrader: repairing(options.upgrader) }),
      createListener: (options) => transport.createListener({ ...options, upgrader: repairing(options.upgrader) }),
      listenFilter: (addresses) => transport.listenFilter(addresses),
      dialFilter: (addresses) => transport.dialFilter(addresses),
    }
  }
}

/** The same upgrader; what passes through it is repaired. */
function repairing(upgrader: Upgrader): Upgrader {
  const repaired: Pick<Upgrader, 'upgradeInbound' | 'upgradeOutbound'> = {
    upgradeInbound: (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeInbound']>[1]) => {
      repair(connection)
      return upgrader.upgradeInbound(connection, options)
    },
    upgradeOutbound: (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeOutbound']>[1]) => {
      repair(connection)
      return upgrader.upgradeOutbound(connection, options)
    },
  }
  const inherited: Upgrader = Object.create(upgrader)
  return Object.assign(inherited, repaired)
}

function repair(connection: MultiaddrConnection): void {
  const socket: unknown = Reflect.get(connection, 'websocket')
  if (!isSocket(socket)) return
  const sendReset = (): void => {
    // In Node a listener's sockets can be ended at once; `close` would wait for the answer of somebody who may not give one.
    if (socket.terminate === undefined) socket.close()
    else socket.terminate()
  }
  Object.defineProperty(connection, 'sendReset', { value: sendReset })
}

function isSocket(value: unknown): value is { close(): void; terminate?(): void } {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function'
}
