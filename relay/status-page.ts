import { createHash } from 'node:crypto'

import { html, raw } from 'hono/html'
import { renderSVG } from 'uqr'

import { LIMITS } from './options.ts'
import type { ConnectedPeer, RelayReport } from './report.ts'
import { shortPeer } from './short-peer.ts'
import { REASONS } from './tally.ts'

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --faint: #888; --bar: #3a7; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
p { margin: .3rem 0 } small, .faint { color: var(--faint) }
code { font: .85rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; user-select: all }
ul { list-style: none; padding: 0; margin: 0 } li { padding: .35rem 0; border-bottom: 1px solid var(--line) }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--line); font-weight: normal }
td:last-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
svg { width: min(100%, 20rem); height: auto; display: block; margin: .5rem 0; border-radius: .4rem }
meter { width: 5rem; vertical-align: middle }
a { color: inherit }
`

/** Nothing but what is written here: no script, no cookie, nothing from elsewhere. */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Seconds after which the page asks again. */
const REFRESH = 30

/** The status page. Of who is connected it shows shortened peer IDs, and more only with `showDetails`. */
export async function statusPage(report: RelayReport, showDetails: boolean): Promise<string> {
  const { version, addresses, invitation, limits, used, peers } = report
  const refused = Object.entries(report.refused).filter(([, count]) => count > 0)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="${REFRESH}" />
        <meta name="robots" content="noindex" />
        <title>WarrenDB relay</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <h1>WarrenDB relay</h1>
        <p class="faint">Version ${version}, up for ${spanOf(report.uptimeSeconds)}. It learns who is there, never what they say.</p>
        <h2>Invitation</h2>
        ${invitationOf(report)}
        <h2>Addresses</h2>
        <ul>
          ${addresses.map((address) => html`<li><code>${address}</code></li>`)}
        </ul>
        <h2>Connected: ${peers.length}</h2>
        <ul>
          ${peers.map((peer) => html`<li><code>${shortPeer(peer.peer)}</code>${showDetails ? detailsOf(peer) : ''}</li>`)}
        </ul>
        <h2>Flow</h2>
        <table>
          <tr>
            <td>Nodes that can be reached</td>
            <td>${report.reservations}</td>
          </tr>
          <tr>
            <td>Nodes that look for others</td>
            <td>${report.members}</td>
          </tr>
          <tr>
            <td>Relayed connections now</td>
            <td>${report.circuits}</td>
          </tr>
          <tr>
            <td>Relayed so far</td>
            <td>${bytesOf(report.relayedBytes)}</td>
          </tr>
          <tr>
            <td>STUN${report.stunPort === undefined ? ' (off)' : ` (UDP port ${report.stunPort})`}, answers</td>
            <td>${report.stunAnswered}</td>
          </tr>
          <tr>
            <td>Memory</td>
            <td>${bytesOf(report.memoryBytes)}</td>
          </tr>
        </table>
        <h2>Limits</h2>
        <table>
          ${LIMITS.map(({ limit, words }) => {
            const share = used[limit]
            const meter = share === undefined ? '' : html`<meter value="${share.toFixed(3)}">${Math.round(share * 100)} %</meter> `
            const value = /bytes/i.test(limit) ? bytesOf(limits[limit]) : String(limits[limit])
            return html`<tr>
              <td>${words}</td>
              <td>${meter}${value}</td>
            </tr>`
          })}
        </table>
        ${
          refused.length === 0
            ? ''
            : html`<h2>Refused since the start</h2>
                <table>
                  ${refused.map(
                    ([reason, count]) =>
                      html`<tr>
                        <td>${Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS] : reason}</td>
                        <td>${count}</td>
                      </tr>`,
                  )}
                </table>`
        }
        <p class="faint">${invitation.address === undefined ? '' : html`Peer ID <code>${report.peerId}</code>`}</p>
      </body>
    </html>`
  return String(await page)
}

function invitationOf({ invitation: { address, link, text } }: RelayReport): ReturnType<typeof html> {
  if (address === undefined || text === undefined) return html`<p>The relay has no address.</p>`
  const what = link === undefined ? html`<p><code>${address}</code></p>` : html`<p><a href="${link}">${link}</a></p>`
  return html`${what}${raw(renderSVG(text, { border: 2 }))}`
}

function detailsOf({ link, seconds, topics, circuits }: ConnectedPeer): ReturnType<typeof html> {
  const joined = topics === undefined ? 'has not joined' : `${topics} topics`
  return html` <small>${link}, for ${spanOf(seconds)}, ${joined}, ${circuits} relayed connections</small>`
}

function spanOf(seconds: number): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600), Math.floor((seconds % 3600) / 60)]
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min` : `${seconds} s`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

function bytesOf(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[step]}`
}
