import { expect, test } from 'vitest'

import { HELP, readCommandLine, type Command } from './command-line.ts'
import { LIMITS } from './options.ts'

const HOME = '/home/ann/.warrendb-relay'

function read(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Command {
  return readCommandLine(args, environment, HOME)
}

test('without options it has everything that a relay at home needs', () => {
  expect(read([])).toEqual({
    kind: 'run',
    logLevel: 'info',
    options: {
      port: 9191,
      host: ['0.0.0.0'],
      directory: HOME,
      announce: [],
      webRtcDirect: true,
      stunPort: 3478,
      http: { port: 9192, showDetails: false },
      limits: {},
    },
  })
})

test('every part can be left out', () => {
  const { stunPort, http, webRtcDirect } = optionsOf(read(['--no-stun', '--no-http', '--no-webrtc']))
  expect([stunPort, http, webRtcDirect]).toEqual([undefined, undefined, false])
})

test('options come from the environment too, and the command line goes first', () => {
  const environment = {
    WARREN_RELAY_PORT: '1',
    WARREN_RELAY_HTTP_PORT: '2',
    WARREN_RELAY_HOST: '0.0.0.0, ::',
    WARREN_RELAY_NO_STUN: '1',
    WARREN_RELAY_NO_HTTP: '0',
    WARREN_RELAY_MAX_CIRCUIT_BYTES: '1000',
    WARREN_RELAY_TLS_CERT: 'cert.pem',
    WARREN_RELAY_TLS_KEY: 'key.pem',
    WARREN_RELAY_ALLOW: '',
  }
  expect(optionsOf(read(['--port', '7'], environment))).toMatchObject({
    port: 7,
    host: ['0.0.0.0', '::'],
    http: { port: 2 },
    tls: { certificate: 'cert.pem', key: 'key.pem' },
    limits: { circuitBytes: 1000 },
  })
  expect(optionsOf(read([], environment))).not.toHaveProperty('stunPort')
  expect(optionsOf(read([], environment))).not.toHaveProperty('allow')
})

test('what may be given several times is a list', () => {
  expect(optionsOf(read(['--allow', 'a', '--allow', 'b'])).allow).toEqual(['a', 'b'])
})

test.each([
  [['--port', ''], 'is no port'],
  [['--tls-cert', 'x'], 'together'],
  [['--page-url', 'here'], 'is no URL'],
  [['--log-level', 'loud'], 'is no log level'],
  [['--max-circuits', '-1'], /ambiguous|is no number/],
  [['--max-circuits', 'many'], 'is no number'],
  [['--what'], 'Unknown option'],
])('%j is refused', (args, message) => {
  expect(() => read(args)).toThrow(message)
})

test('a switch in the environment is on or off', () => {
  expect(() => read([], { WARREN_RELAY_NO_STUN: 'yes' })).toThrow('WARREN_RELAY_NO_STUN is "yes"; give 1 or 0')
})

test('help names every limit', () => {
  expect(LIMITS.filter(({ option }) => !HELP.includes(`--${option} `))).toEqual([])
})

function optionsOf(command: Command): Extract<Command, { kind: 'run' }>['options'] {
  if (command.kind !== 'run') throw new Error(`it is to ${command.kind}`)
  return command.options
}
