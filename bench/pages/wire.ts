/* Imported before anything that may make a connection: keeps what is made, so that the bytes on the wire can be counted. */

const connections: RTCPeerConnection[] = []

globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}

/** Bytes that this page has sent and received over its peer connections that are open, both ways, as the transport counts them: encrypted, acknowledgements and all. */
export async function wireBytes(): Promise<number> {
  // The browser answers twice the same within 50 ms.
  await new Promise((resolve) => setTimeout(resolve, 100))
  let sum = 0
  for (const connection of connections) {
    for (const report of (await connection.getStats()).values() as Iterable<RTCStats & Partial<RTCTransportStats>>) {
      if (report.type === 'transport') sum += (report.bytesSent ?? 0) + (report.bytesReceived ?? 0)
    }
  }
  return sum
}
