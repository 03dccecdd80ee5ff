import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import { METRICS } from './metrics.ts'
import { aRelay, somebody } from './relay.testkit.ts'
import type { RelayOptions } from './relay.ts'

const HTTP = { port: 0 }

async function pageOf(options: RelayOptions): Promise<{ readonly text: string; readonly headers: Headers; readonly address: string }> {
  const relay = await aRelay({ http: HTTP, ...options })
  const response = await fetch(relay.httpUrl ?? '')
  expect(response.status).toBe(200)
  return { text: await response.text(), headers: response.headers, address: relay.addresses[0] ?? '' }
}

test('/health says that the relay runs', async () => {
  const relay = await aRelay({ http: HTTP })
  const response = await fetch(`${relay.httpUrl}health`)
  expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
  expect((await fetch(`${relay.httpUrl}other`)).status).toBe(404)
  expect((await fetch(`${relay.httpUrl}health`, { method: 'POST' })).status).toBe(404)
})

test('/metrics has every metric in the format of Prometheus', async () => {
  const relay = await aRelay({ http: HTTP, stunPort: 0 })
  const response = await fetch(`${relay.httpUrl}metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = (await response.text()).trimEnd().split('\n')
  const sample = /^[a-z_]+(\{[a-z]+="[^"\\]*"\})? \d+(\.\d+)?$/
  expect(lines.filter((line) => !line.startsWith('# ') && !sample.test(line))).toEqual([])
  for (const { name } of METRICS) expect(lines.some((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))).toBe(true)
  expect(lines).toContain('warren_relay_refused_total{reason="not-allowed"} 0')
  expect(lines).toContain('warren_relay_limit{limit="max-connections"} 1000')
})

test('the page shows the addresses and an invitation, without script and with nothing from elsewhere', async () => {
  const { text, headers, address } = await pageOf({})
  expect(text).toContain(`<code>${address}</code>`)
  expect(text).toContain('<svg')
  expect(text).not.toMatch(/<script|javascript:|src=|@import|url\(|style="/i)
  expect(headers.get('set-cookie')).toBeNull()
  const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  expect(headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
})

test('with a page an invitation is a link to it', async () => {
  const { text, address } = await pageOf({ pageUrl: 'https://example.org/' })
  expect(text).toContain(`href="https://example.org/#relay=${address}"`)
})

test('of who is connected the page shows the end of the peer ID, and more only where it is wanted', async () => {
  const ann = await somebody()
  for (const showDetails of [false, true]) {
    const relay = await aRelay({ http: { ...HTTP, showDetails } })
    await ann.speak(relay.addresses[0] ?? '', '/ipfs/ping/1.0.0', {})
    const text = await (await fetch(relay.httpUrl ?? '')).text()
    expect(text).toContain(`…${ann.id.slice(-8)}`)
    expect(text).not.toContain(ann.id)
    expect(text.includes('websocket')).toBe(showDetails)
  }
})

test('a reached limit is on the page', async () => {
  const eve = await somebody()
  const relay = await aRelay({ http: HTTP, allow: [] })
  await eve.speak(relay.addresses[0] ?? '', '/ipfs/ping/1.0.0', {}).catch(() => {})
  await expect.poll(async () => (await fetch(relay.httpUrl ?? '')).text()).toContain('a peer is not on the allow-list')
})

test('a port that is taken is told, and what was started before is stopped', async () => {
  const relay = await aRelay({ http: HTTP })
  const port = Number(new URL(relay.httpUrl ?? '').port)
  const wanted = await aRelay()
  const own = Number(/tcp\/(\d+)/.exec(wanted.addresses[0] ?? '')?.[1])
  await wanted.close()
  await expect(aRelay({ port: own, http: { port } })).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining('--http-port'),
  })
  await aRelay({ port: own })
})
