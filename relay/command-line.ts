import { parseArgs } from 'node:util'

import { DatabaseError } from '../src/errors.ts'
import { DEFAULT_HOST, DEFAULT_HTTP_PORT, DEFAULT_PORT, DEFAULT_STUN_PORT, LIMITS, type RelayLimits } from './options.ts'
import type { RelayOptions } from './relay.ts'
import { LOG_LEVELS, type LogLevel } from './tally.ts'

/** What the command is told to do. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly options: RelayOptions; readonly logLevel: LogLevel }

/** An option of the command. Each is also read from the environment. */
interface Option {
  readonly name: string
  /** How its value is called; absent for a switch. */
  readonly value?: string
  readonly multiple?: true
  readonly help: string
}

const GENERAL: readonly Option[] = [
  { name: 'port', value: 'number', help: `port for WebSocket (TCP) and WebRTC-direct (UDP) (default ${DEFAULT_PORT}; 0 takes a free one)` },
  {
    name: 'host',
    value: 'IP address',
    multiple: true,
    help: `interface to listen on (default ${DEFAULT_HOST}, all with IPv4); again for ::`,
  },
  { name: 'dir', value: 'folder', help: 'where the relay keeps its identity (default ~/.warrendb-relay)' },
  { name: 'announce', value: 'multiaddr', multiple: true, help: 'address to tell others instead of the ones listened on' },
  { name: 'no-webrtc', help: 'do not listen on WebRTC-direct' },
  { name: 'tls-cert', value: 'file', help: 'PEM certificate with its chain: WebSocket speaks TLS too' },
  { name: 'tls-key', value: 'file', help: 'its key; both are read again when they change' },
  { name: 'stun-port', value: 'number', help: `UDP port of the STUN service (default ${DEFAULT_STUN_PORT}; 0 takes a free one)` },
  { name: 'no-stun', help: 'do not answer STUN requests' },
  { name: 'http-port', value: 'number', help: `port of the status page, /health and /metrics (default ${DEFAULT_HTTP_PORT})` },
  { name: 'http-host', value: 'IP address', help: 'interface of the status page (default: the first --host)' },
  { name: 'no-http', help: 'no status page' },
  { name: 'show-details', help: 'say on the status page more of who is connected than shortened peer IDs' },
  { name: 'page-url', value: 'URL', help: 'page that invitations lead to' },
  { name: 'allow', value: 'peer ID', multiple: true, help: 'let only those in who are named' },
  { name: 'allow-file', value: 'file', help: 'the same from a file, one a line, which is read again when it changes' },
  { name: 'log-level', value: LOG_LEVELS.join('|'), help: 'what to print (default info)' },
  { name: 'help', help: 'show this text' },
  { name: 'version', help: 'show the version' },
]

const LIMIT_OPTIONS: readonly Option[] = LIMITS.map(({ option, words, fallback }) => ({
  name: option,
  value: 'number',
  help: `${words} (default ${fallback})`,
}))

const OPTIONS: readonly Option[] = [...GENERAL, ...LIMIT_OPTIONS]

export const HELP: string = `Usage: warrendb-relay [options]

Runs a relay: the place where WarrenDB nodes find each other. It learns who is there, never what they say.

${GENERAL.map(printOption).join('\n')}

Limits:
${LIMIT_OPTIONS.map(printOption).join('\n')}

Options with … may be given several times. Each option can also be set in the environment: --tls-cert is WARREN_RELAY_TLS_CERT; several values are
separated by commas, and a switch is 1 or 0. The command line goes first.`

type Values = Readonly<Record<string, readonly string[]>>

/** Reads the command line and the environment. @throws TypeError with what is wrong, as `parseArgs` does, and INVALID_ARGUMENT */
export function readCommandLine(args: readonly string[], environment: Readonly<Record<string, string | undefined>>, home: string): Command {
  const values = { ...fromEnvironment(environment), ...fromArguments(args) }
  if (isOn(values, 'help')) return { kind: 'help' }
  if (isOn(values, 'version')) return { kind: 'version' }
  return { kind: 'run', options: readOptions(values, home), logLevel: readLogLevel(values) }
}

function readOptions(values: Values, home: string): RelayOptions {
  const one = (name: string): string | undefined => values[name]?.at(-1)
  const [certificate, key] = [one('tls-cert'), one('tls-key')]
  if ((certificate === undefined) !== (key === undefined)) throw wrong('tls-cert', certificate, 'give --tls-cert and --tls-key together')
  const pageUrl = one('page-url')
  if (pageUrl !== undefined && !URL.canParse(pageUrl))
    throw wrong('page-url', pageUrl, `"${pageUrl}" is no URL, such as https://example.org/`)
  const allowFile = one('allow-file')
  const httpHost = one('http-host')
  return {
    port: readPort(values, 'port', DEFAULT_PORT),
    host: values['host'] ?? [DEFAULT_HOST],
    directory: one('dir') ?? home,
    announce: values['announce'] ?? [],
    webRtcDirect: !isOn(values, 'no-webrtc'),
    ...(certificate === undefined || key === undefined ? {} : { tls: { certificate, key } }),
    ...(isOn(values, 'no-stun') ? {} : { stunPort: readPort(values, 'stun-port', DEFAULT_STUN_PORT) }),
    ...(isOn(values, 'no-http')
      ? {}
      : {
          http: {
            port: readPort(values, 'http-port', DEFAULT_HTTP_PORT),
            ...(httpHost === undefined ? {} : { host: httpHost }),
            showDetails: isOn(values, 'show-details'),
          },
        }),
    ...(pageUrl === undefined ? {} : { pageUrl }),
    limits: readLimits(values),
    ...(values['allow'] === undefined ? {} : { allow: values['allow'] }),
    ...(allowFile === undefined ? {} : { allowFile }),
  }
}

function readLimits(values: Values): Partial<RelayLimits> {
  return Object.fromEntries(
    LIMITS.flatMap(({ limit, option }) => {
      const text = values[option]?.at(-1)
      if (text === undefined) return []
      if (!/^\d+(\.\d+)?$/.test(text)) throw wrong(option, text, `"${text}" is no number for --${option}`)
      return [[limit, Number(text)]]
    }),
  )
}

function readPort(values: Values, name: string, fallback: number): number {
  const text = values[name]?.at(-1) ?? String(fallback)
  // `Number('')` is 0, which would be a free port.
  if (!/^\d+$/.test(text)) throw wrong(name, text, `"${text}" is no port; give a number from 0 to 65535`)
  return Number(text)
}

function readLogLevel(values: Values): LogLevel {
  const text = values['log-level']?.at(-1) ?? 'info'
  const level = LOG_LEVELS.find((known) => known === text)
  if (level === undefined) throw wrong('log-level', text, `"${text}" is no log level; there are ${LOG_LEVELS.join(', ')}`)
  return level
}

function isOn(values: Values, name: string): boolean {
  return values[name] !== undefined && values[name].at(-1) !== '0'
}

function fromArguments(args: readonly string[]): Values {
  const options = Object.fromEntries(
    OPTIONS.map(({ name, value }) => [
      name,
      value === undefined ? { type: 'boolean' as const } : { type: 'string' as const, multiple: true },
    ]),
  )
  const { values } = parseArgs({ args: [...args], options })
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : ['1']]))
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Values {
  return Object.fromEntries(
    OPTIONS.flatMap(({ name, value, multiple }) => {
      const text = environment[variableOf(name)]?.trim()
      if (text === undefined || text === '') return []
      if (value === undefined && text !== '0' && text !== '1') throw wrong(name, text, `${variableOf(name)} is "${text}"; give 1 or 0`)
      return [[name, multiple === true ? text.split(/[\s,]+/) : [text]]]
    }),
  )
}

/** The environment variable of an option. */
function variableOf(name: string): string {
  return `WARREN_RELAY_${name.toUpperCase().replaceAll('-', '_')}`
}

function printOption({ name, value, multiple, help }: Option): string {
  const left = `  --${name}${value === undefined ? '' : ` <${value}>`}${multiple === true ? ' …' : ''}`
  return left.length < 36 ? `${left.padEnd(36)}${help}` : `${left}\n${' '.repeat(36)}${help}`
}

function wrong(argument: string, value: unknown, message: string): DatabaseError {
  return new DatabaseError('INVALID_ARGUMENT', message, { argument, value })
}
