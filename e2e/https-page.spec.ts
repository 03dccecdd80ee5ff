import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { Readable } from 'node:stream'

import { chromium, type BrowserContext } from '@playwright/test'

import { startRelay, type Relay } from '../relay/relay.ts'
import { findBrowser, LAUNCH_ARGUMENTS } from '../scripts/browser.mjs'
import { selfSigned } from '../src/network/self-signed.node.ts'
import { expect, test } from './support/stage.ts'
import { expectSame, openTab } from './support/tab.ts'

/** A page from the internet, over https, whose people have a relay at home: browsers keep such a page from the local network, or ask before. */
interface Home extends AsyncDisposable {
  readonly url: string
  readonly relay: Relay
  readonly context: BrowserContext
}

async function aHome(site: string): Promise<Home> {
  const relay = await startRelay({ port: 0, host: '127.0.0.1', webRtcDirect: true })
  const { certificate, privateKey } = selfSigned()
  const tls = {
    cert: new X509Certificate(certificate).toString(),
    key: createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }),
  }
  const server = createServer(tls, (request, response) => {
    // The site offers no relay of its own.
    if (request.url === '/relay.json') return void response.writeHead(404).end()
    void forward(new URL(request.url ?? '/', site), response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const browser = await chromium.launch({
    ...(findBrowser() === undefined ? {} : { executablePath: findBrowser() ?? '' }),
    // Chromium takes this server for one of the internet.
    args: [...LAUNCH_ARGUMENTS, `--ip-address-space-overrides=127.0.0.1:${port}=public`],
  })
  return {
    url: `https://localhost:${port}/`,
    relay,
    context: await browser.newContext({ ignoreHTTPSErrors: true }),
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
      await relay.close()
    },
  }
}

async function forward(url: URL, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await fetch(url)
  response.writeHead(status, { 'content-type': headers.get('content-type') ?? 'text/html' })
  if (body === null) response.end()
  else Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]).pipe(response)
}

function addressOf(relay: Relay, kind: string): string {
  return relay.addresses.find((address) => address.includes(kind)) ?? ''
}

test('a page from the internet meets others at a relay in the house, over WebRTC-direct and without a certificate', async ({ site }) => {
  await using home = await aHome(site.url)
  const address = addressOf(home.relay, '/webrtc-direct/')
  const a = await openTab(home.context, home.url, address)
  const b = await openTab(home.context, home.url, address)
  await a.expectPeers(await b.peerId())
  await a.create({ title: 'from the sofa' })
  await b.create({ title: 'from the kitchen' })
  await expectSame(a, b)
})

test('a page that may not reach the local network says so, and what to do', async ({ site }) => {
  await using home = await aHome(site.url)
  const tab = await openTab(home.context, home.url, addressOf(home.relay, '/ws/'))
  await expect.poll(() => tab.page.evaluate(async () => (await globalThis.warren?.db.p2p.relays())?.[0]?.state)).toBe('waiting')
  await tab.page.getByTestId('explain').click()
  await tab.page.getByTestId('explain-input').fill(home.relay.peerId)
  await tab.page.getByTestId('dialog-submit').click()
  const finding = tab.page.locator('[data-testid="finding"][data-step="permission"]')
  await expect(finding).toContainText('local network')
  await expect(finding).toContainText('/webrtc-direct address of the relay')
})
