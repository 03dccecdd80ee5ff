import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'

import { expect, onTestFinished, test } from 'vitest'

import { aNode, untilInSync } from '../src/network/network.testkit.ts'
import { aFolder, aRelay } from './relay.testkit.ts'
import { startRelay, type Relay } from './relay.ts'

function directOf({ addresses }: Relay): string {
  return addresses.find((address) => address.includes('/webrtc-direct/')) ?? ''
}

/** Makes a certificate for a name, as a certificate authority would. */
function makeCertificate(folder: string, name: string): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},DNS:*.${name}`]
  const files = ['-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject, ...files], {
    stdio: 'ignore',
  })
  return { certificate, key }
}

async function secureSocket(relay: Relay): Promise<TLSSocket> {
  const port = Number(/tcp\/(\d+)/.exec(relay.addresses[0] ?? '')?.[1])
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

test('nodes that know only the WebRTC-direct address find each other and connect', async () => {
  const relay = await aRelay({ webRtcDirect: true })
  const relays = [directOf(relay)]
  expect(relays[0]).toMatch(/^\/ip4\/127\.0\.0\.1\/udp\/\d+\/webrtc-direct\/certhash\//)
  await using a = await aNode({ listen: [], relays })
  await using b = await aNode({ listen: [], relays })
  await untilInSync(a, b)
  await a.until('a direct connection', async () => (await a.peer(b))?.link === 'webrtc')
  expect((await relay.report()).peers.map(({ link }) => link)).toEqual(['webrtc-direct', 'webrtc-direct'])
})

test('a large batch passes through a relay on WebRTC-direct', async () => {
  const relay = await aRelay({ webRtcDirect: true })
  const options = { listen: [], relays: [directOf(relay)], iceServers: [{ urls: 'turn:127.0.0.1:1', username: 'x', credential: 'x' }] }
  await using a = await aNode(options)
  await using b = await aNode(options)
  for (const { host } of [a, b]) {
    const dial = host.node.dial.bind(host.node)
    host.node.dial = (target, options) =>
      String(target).includes('/p2p-circuit/webrtc') ? Promise.reject(new Error('no candidate pair works')) : dial(target, options)
  }
  await untilInSync(a, b)
  const [note = ''] = a.replica.collectionIds()
  a.replica.writeMany(note, 3000)
  await b.replica.untilCount(note, 3000)
  expect((await relay.report()).relayedBytes).toBeGreaterThan(500_000)
})

test('the WebRTC-direct address stays the same, by a certificate in a file for the owner only', async () => {
  const directory = await aFolder()
  const first = await startRelay({ port: 0, host: '127.0.0.1', directory, webRtcDirect: true })
  const certhash = /certhash\/\S+/.exec(directOf(first))?.[0]
  await first.close()
  expect((await stat(join(directory, 'webrtc-certificate'))).mode & 0o777).toBe(0o600)
  const second = await aRelay({ directory, webRtcDirect: true })
  expect(/certhash\/\S+/.exec(directOf(second))?.[0]).toBe(certhash)
  await writeFile(join(directory, 'webrtc-certificate'), randomBytes(50))
  await expect(aRelay({ directory, webRtcDirect: true })).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
})

test('without being asked a relay listens on WebSocket alone', async () => {
  const relay = await aRelay()
  expect(relay.addresses).toHaveLength(1)
  expect([relay.stunPort, relay.httpUrl]).toEqual([undefined, undefined])
})

test('one port speaks TLS and plain, under the name in the certificate', async () => {
  const tls = makeCertificate(await aFolder(), 'relay.example')
  const relay = await aRelay({ tls })
  const port = /tcp\/(\d+)/.exec(relay.addresses[0] ?? '')?.[1]
  expect(relay.addresses).toContain(`/dns/relay.example/tcp/${port}/tls/ws/p2p/${relay.peerId}`)
  expect(relay.invitation.address).toBe(`/dns/relay.example/tcp/${port}/tls/ws/p2p/${relay.peerId}`)
  const socket = await secureSocket(relay)
  expect(socket.getPeerCertificate().subject.CN).toBe('relay.example')
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET / HTTP/1.1\r\nHost: relay.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toContain('101 Switching Protocols')
  // The plain address still works.
  await using node = await aNode({ listen: [], relays: relay.addresses.filter((address) => address.includes('127.0.0.1')).slice(0, 1) })
  await node.until('the relay', async () => (await node.network.p2p.relays())[0]?.state === 'reserved')
})

test('a renewed certificate is used without a restart', async () => {
  const folder = await aFolder()
  const [tls, next] = [makeCertificate(folder, 'old.example'), makeCertificate(folder, 'new.example')]
  const relay = await aRelay({ tls })
  await copyFile(next.key, tls.key)
  await copyFile(next.certificate, tls.certificate)
  const subject = async (): Promise<unknown> => (await secureSocket(relay)).getPeerCertificate().subject.CN
  await expect.poll(subject, { timeout: 10_000 }).toBe('new.example')
})

test('a certificate that cannot be used is told', async () => {
  const folder = await aFolder()
  const [one, other] = [makeCertificate(folder, 'one.example'), makeCertificate(folder, 'other.example')]
  for (const tls of [
    { certificate: one.certificate, key: other.key },
    { certificate: join(folder, 'none'), key: one.key },
  ]) {
    await expect(aRelay({ tls })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { argument: 'tls' } })
  }
  expect(await readFile(one.certificate, 'utf8')).toContain('CERTIFICATE')
})
