import type { Connect, Plugin } from 'vite'

/** Serves `relay.json`, in which the page finds its relay: `{ "addresses": [multiaddr, …] }`, all of one relay, the nearest first. */
export function relayOffer(addresses: readonly string[]): Plugin {
  const offer: Connect.NextHandleFunction = (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('cache-control', 'no-store')
    response.end(JSON.stringify({ addresses }))
  }
  return {
    name: 'relay-offer',
    configureServer: ({ middlewares }) => void middlewares.use('/relay.json', offer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use('/relay.json', offer),
  }
}
