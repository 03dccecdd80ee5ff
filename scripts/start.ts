// Starts a relay and the playground on this machine: npm start [-- --port 5173 --relay-port 9191]
// With --dev the page is served from its sources and follows their changes.
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'

import { build, createServer, preview, type InlineConfig } from 'vite'

import { DEFAULT_PORT } from '../relay/options.ts'
import { startRelay } from '../relay/relay.ts'
import { relayOffer } from './relay-offer.ts'

const root = join(import.meta.dirname, '..')
const PAGE_PORT = 5173
/** What is not closed by then (a browser that keeps a connection open) is cut. */
const STOP_MS = 3000
/** Ports to try after the wanted one. */
const MOST_PORTS = 50
/** Only this machine: the page needs no more, and browsers allow what it does on localhost without https. */
const HOST = '127.0.0.1'

const { values } = parseArgs({
  options: { dev: { type: 'boolean', default: false }, port: { type: 'string' }, 'relay-port': { type: 'string' } },
})

const pagePort = portOf(values.port, PAGE_PORT)
const relayPort = portOf(values['relay-port'], DEFAULT_PORT)

const started = performance.now()
const relay = await startRelay({
  host: HOST,
  port: await freePort(relayPort),
  // A kept identity: tabs that are open when the relay starts anew find it again.
  directory: join(root, 'node_modules/.cache/warrendb-relay'),
})
const page = await servePage()
announce()

let isStopping = false
// npm passes the signal on as well, so it may come twice.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())

async function servePage(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const port = await freePort(pagePort)
  const address = { host: 'localhost', port, strictPort: false }
  const config: InlineConfig = {
    configFile: join(root, 'vite.config.ts'),
    plugins: [relayOffer(relay.addresses)],
    logLevel: 'warn',
    clearScreen: false,
    server: address,
    preview: address,
  }
  if (!values.dev) await build(config)
  const server = values.dev ? await (await createServer(config)).listen() : await preview(config)
  return { url: server.resolvedUrls?.local[0] ?? `http://localhost:${port}/`, close: () => server.close() }
}

function announce(): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const faint = (text: string): string => styleText('dim', text)
  console.log(
    [
      '',
      `  ${styleText('bold', 'WarrenDB')} ${faint(`ready in ${seconds} s`)}`,
      '',
      `  ${faint('page')}   ${styleText(['bold', 'cyan'], page.url)}`,
      `  ${faint('relay')}  ${relay.addresses[0] ?? 'none'}`,
      '',
      '  Open the page in two tabs: each is a node, and they find each other.',
      faint('  Ctrl-C stops both.'),
      '',
    ].join('\n'),
  )
}

async function stop(): Promise<void> {
  if (isStopping) return
  isStopping = true
  setTimeout(() => process.exit(), STOP_MS).unref()
  await Promise.allSettled([page.close(), relay.close()])
  process.exit()
}

function portOf(text: string | undefined, usual: number): number {
  if (text === undefined) return usual
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  console.error(`"${text}" is no port: take a number from 1 to 65535`)
  return process.exit(2)
}

/** The wanted port, or the next one that nobody listens on. */
async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + MOST_PORTS; port += 1) if (await isFree(port)) return port
  throw new RangeError(`the ports ${wanted} to ${wanted + MOST_PORTS - 1} are all taken`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createTcpServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
