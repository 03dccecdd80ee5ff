import { once } from 'node:events'

import { startSignalingServerSimplePeer } from 'rxdb/plugins/replication-webrtc'

/* RxDB's own signalling server in a process of its own. It prints where it is. */

const { server } = await startSignalingServerSimplePeer({ host: '127.0.0.1', port: 0 })
await once(server, 'listening')
const address = server.address()
console.log(typeof address === 'string' ? address : `ws://127.0.0.1:${address?.port}`)
