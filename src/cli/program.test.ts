import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Command as CommanderCommand } from 'commander'
import { describe, expect, it, onTestFinished } from 'vitest'

import { DatabaseError } from '../errors.ts'
import { whyFlagIsAbsent } from './absent-settings.ts'
import { aCliNode, run } from './cli.testkit.ts'
import { defineCommand, type Command, type CommandGroup } from './command.ts'
import { COMMANDS } from './commands.ts'
import type { Config } from './config.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { buildProgram } from './program.ts'
import { SETTINGS } from './settings.ts'

interface Place {
  readonly path: string
  readonly entry: Command | CommandGroup
}

function placesIn(group: CommandGroup, path: readonly string[] = []): readonly Place[] {
  return group.commands.flatMap((entry) => {
    const here = [...path, entry.name]
    return [{ path: here.join(' '), entry }, ...(entry.kind === 'group' ? placesIn(entry, here) : [])]
  })
}

const PLACES = placesIn(COMMANDS)

describe('help', () => {
  it.each(PLACES)('of "$path" shows what it does, its options and those around it', async ({ path, entry }) => {
    const { code, out, err } = await run(`${path} --help`, undefined)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(entry.summary)
    for (const name of Object.keys(entry.options ?? {})) expect(out).toContain(`--${name}`)
    expect(out).toContain('--rootdir')
    expect(out).toContain('--url')
    if (path.startsWith('client')) expect(out).toContain('--tx')
    if (entry.kind === 'group')
      for (const { name, summary } of entry.commands) expect(out).toMatch(new RegExp(`${name}.*${summary.slice(0, 20)}`))
    else for (const name of Object.keys(entry.arguments ?? {})) expect(out).toContain(name)
  })

  it('of the program tells what the exit codes say', async () => {
    expect((await run('--help', undefined)).out).toMatch(/Exit codes: 0 ok, .*4 not found, .*130 interrupted\.\n/)
  })

  it('is what a group shows without a command', async () => {
    expect(await run('client p2p', undefined)).toEqual(await run('client p2p --help', undefined))
  })

  it('has examples that parse', async () => {
    for (const { path, entry } of PLACES) {
      if (entry.kind === 'group') continue
      expect(entry.examples.length, path).toBeGreaterThan(0)
      for (const example of entry.examples) {
        const parsed: Command[] = []
        const program = buildProgram(COMMANDS, { ...SILENT, out: async () => {} }, [], async (command) => void parsed.push(command))
        await program.parseAsync(wordsOf(example), { from: 'user' })
        expect(parsed, example).toEqual([entry])
      }
    }
  })

  it('has no flag twice on the way to a command', () => {
    const program = buildProgram(COMMANDS, { ...SILENT, out: async () => {} }, [], async () => {})
    const check = (command: CommanderCommand, above: readonly string[]): void => {
      const own = command.options.flatMap(({ long, short }) => [long, short].filter((one) => one !== undefined && one !== null))
      expect(
        above.filter((flag) => own.includes(flag)),
        command.name(),
      ).toEqual([])
      for (const child of command.commands) check(child, [...above, ...own])
    }
    check(program, [])
  })
})

const SILENT = {
  err: () => {},
  outIsTerminal: false,
  errIsTerminal: false,
  width: 80,
  input: async function* (): AsyncGenerator<string> {},
}

/** The words of the `warrendb` command in a line of shell. */
function wordsOf(line: string): readonly string[] {
  const command = /warrendb ([^|]*)/.exec(line.replaceAll(/'[^']*'/g, (quoted) => quoted.replaceAll('|', '')))?.[1] ?? ''
  return [...command.matchAll(/'([^']*)'|([^\s)]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

describe('the command line', () => {
  it('shows the version', async () => {
    expect((await run('--version', undefined)).out).toMatch(/^warrendb \d+\.\d+\.\d+\n$/)
    expect(JSON.parse((await run('version -f json --full', undefined)).out)).toMatchObject({
      release: expect.any(String),
      node: expect.any(String),
    })
  })

  it('says what was meant by a wrong word', async () => {
    const ran = await run('client qery', undefined)
    expect(ran).toMatchObject({ code: EXIT_CODES.usage, out: '' })
    expect(ran.err).toBe("Error: unknown command 'qery'\n(Did you mean query?)\n")
    expect((await run('client schema describe --nam User', undefined)).err).toContain('Did you mean --name?')
  })

  it.each(['client p2p replicator set', 'client p2p info extra', 'client index drop -c User', 'version -f xml'])(
    'refuses "%s" as wrong usage',
    async (line) => {
      const { code, out, err } = await run(line, undefined)
      expect({ code, out }).toEqual({ code: EXIT_CODES.usage, out: '' })
      expect(err).toMatch(/^Error: .*\n$/)
    },
  )

  it('says why a flag of DefraDB is not there', async () => {
    const { code, err } = await run('client query --source-hub-address x {a}', undefined)
    expect(code).toBe(EXIT_CODES.usage)
    expect(err).toBe('Error: there is no option --source-hub-address: there is no SourceHub here: access is not decided by a chain\n')
  })

  it('has a reason only for flags that are not there', () => {
    const flags = [...Object.values(SETTINGS).map(({ flag }) => flag), ...PLACES.flatMap(({ entry }) => Object.keys(entry.options ?? {}))]
    expect(flags.filter((flag) => whyFlagIsAbsent(flag) !== undefined)).toEqual([])
  })

  it('takes the address of the node from a flag anywhere, with or without scheme', async () => {
    await using node = await aCliNode()
    await run('--url example.org:80 client schema describe', node)
    await run('client schema describe --url https://example.org/', node)
    await run('client schema describe', node, { env: { WARREN_API_ADDRESS: '0.0.0.0:7000' } })
    await run('client schema describe', node)
    expect(node.connections.map(({ url }) => url)).toEqual([
      'http://example.org:80',
      'https://example.org',
      'http://127.0.0.1:7000',
      'http://127.0.0.1:9181',
    ])
  })

  it('takes it from the configuration of a root directory', async () => {
    const rootdir = await mkdtemp(join(tmpdir(), 'warren-cli-'))
    onTestFinished(() => rm(rootdir, { recursive: true }))
    await writeFile(join(rootdir, 'config.yaml'), 'api:\n  address: 127.0.0.1:9999\n')
    await using node = await aCliNode()
    await run(['client', 'schema', 'describe', '--rootdir', rootdir], node)
    expect(node.connections[0]?.url).toBe('http://127.0.0.1:9999')
    await writeFile(join(rootdir, 'config.yaml'), 'api:\n  addres: 127.0.0.1:9999\n')
    expect(await run(['client', 'schema', 'describe', '--rootdir', rootdir], node)).toMatchObject({ code: EXIT_CODES.usage })
  })
})

describe('a command that runs a node', () => {
  async function start(line: string): Promise<Config | undefined> {
    const seen: Config[] = []
    const command = defineCommand({
      name: 'start',
      summary: 'Start a node',
      takesNodeSettings: true,
      examples: [],
      run: async ({ config }) => void seen.push(config),
    })
    const ran = await run(line, undefined, { commands: { ...COMMANDS, commands: [command] } })
    expect(ran).toEqual({ code: 0, out: '', err: '' })
    return seen[0]
  }

  it('takes the flags of the peer-to-peer guide', async () => {
    expect(await start('start')).toMatchObject({
      'net.p2pdisabled': false,
      'net.p2paddresses': ['/ip4/127.0.0.1/tcp/9171'],
      'net.peers': [],
    })
    expect(await start('start --no-p2p')).toMatchObject({ 'net.p2pdisabled': true })
    expect(await start('start --p2paddr /ip4/0.0.0.0/tcp/9172')).toMatchObject({ 'net.p2paddresses': ['/ip4/0.0.0.0/tcp/9172'] })
    expect(await start('start --peers /ip4/1.1.1.1/tcp/1/p2p/a --peers /ip4/2.2.2.2/tcp/2/p2p/b')).toMatchObject({
      'net.peers': ['/ip4/1.1.1.1/tcp/1/p2p/a', '/ip4/2.2.2.2/tcp/2/p2p/b'],
    })
  })

  it('takes those of every setting', async () => {
    const line =
      'start --store memory --development --no-keyring --no-log-color --log-format json --replicator-retry-intervals 1,2 --url :9000'
    expect(await start(line)).toMatchObject({
      'datastore.store': 'memory',
      development: true,
      'keyring.disabled': true,
      'log.colordisabled': true,
      'log.format': 'json',
      'replicator.retryintervals': [1, 2],
      'api.address': ':9000',
    })
  })
})

describe('a failure', () => {
  it('is one line and has an exit code of its own', async () => {
    expect(await run('client p2p info', undefined)).toEqual({
      code: EXIT_CODES.unreachable,
      out: '',
      err: 'Error: http://127.0.0.1:9181 does not answer\n',
    })
  })

  it.each([
    ['NOT_FOUND', EXIT_CODES.notFound],
    ['CONFLICT', EXIT_CODES.conflict],
    ['STORAGE_FULL', EXIT_CODES.storage],
    ['ABORTED', EXIT_CODES.interrupted],
  ] as const)('with the code %s ends with %i', async (code, exit) => {
    const fail = async (): Promise<never> => {
      throw new DatabaseError<'CORRUPT_DATA'>(code as 'CORRUPT_DATA', 'no luck', { what: '' })
    }
    await using node = await aCliNode({ control: { purge: fail } })
    expect(await run('client purge -f', node)).toEqual({ code: exit, out: '', err: 'Error: no luck\n' })
  })

  it('of no known kind shows no stack', async () => {
    await using node = await aCliNode({ control: { purge: () => Promise.reject(new TypeError('oh')) } })
    expect(await run('client purge -f', node)).toEqual({ code: EXIT_CODES.failed, out: '', err: 'Error: oh\n' })
  })
})
