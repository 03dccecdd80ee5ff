import { describe, expect, it } from 'vitest'

import { parsePeerArgument } from './peer-argument.ts'

const ID = '12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'

describe('a peer on the command line', () => {
  it('is an ID', () => {
    expect(parsePeerArgument(ID)).toEqual({ id: ID, addresses: [ID] })
  })

  it('is a multiaddr that ends with one', () => {
    const address = `/ip4/1.2.3.4/tcp/9171/p2p/${ID}`
    expect(parsePeerArgument(address)).toEqual({ id: ID, addresses: [address] })
    expect(() => parsePeerArgument('/ip4/1.2.3.4/tcp/9171')).toThrow('does not end with "/p2p/<peer ID>"')
  })

  it('is an ID with addresses as JSON, which go-libp2p writes without the ID', () => {
    const complete = `/ip4/1.2.3.4/tcp/2/p2p/${ID}`
    const info = { ID, Addrs: ['/ip4/1.2.3.4/tcp/1', complete] }
    expect(parsePeerArgument(JSON.stringify(info))).toEqual({ id: ID, addresses: [`/ip4/1.2.3.4/tcp/1/p2p/${ID}`, complete] })
    expect(parsePeerArgument(JSON.stringify({ ID }))).toEqual({ id: ID, addresses: [ID] })
    expect(() => parsePeerArgument('{"Addrs": []}')).toThrow('has no "ID"')
    expect(() => parsePeerArgument('{"ID": ')).toThrow('the peer is no JSON')
  })
})
