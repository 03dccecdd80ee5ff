import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import type { Environment } from './command.ts'
import { loadConfig, type LoadedConfig } from './config.ts'
import { keyToVariable, SETTINGS } from './settings.ts'

async function aFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

async function load(given: {
  readonly file?: string
  readonly env?: Environment
  readonly flags?: Readonly<Record<string, unknown>>
  readonly secrets?: string
}): Promise<LoadedConfig & { readonly rootdir: string; readonly cwd: string }> {
  const rootdir = await aFolder(given.file === undefined ? {} : { 'config.yaml': given.file })
  const cwd = await aFolder(given.secrets === undefined ? {} : { '.env': given.secrets })
  const loaded = await loadConfig({ flags: { rootdir, ...given.flags }, env: given.env ?? {}, cwd, home: cwd })
  return { ...loaded, rootdir, cwd }
}

describe('the configuration', () => {
  it('is that of DefraDB when nothing is set', async () => {
    const { config, rootdir } = await load({})
    expect(config).toMatchObject({
      rootdir,
      'api.address': '127.0.0.1:9181',
      'datastore.store': 'sqlite',
      'net.p2paddresses': ['/ip4/127.0.0.1/tcp/9171'],
      'net.p2pdisabled': false,
      'keyring.path': join(rootdir, 'keys'),
      'replicator.retryintervals': [30, 60, 120, 240, 480, 960, 1920],
    })
  })

  it('has its root directory in the home, unless a flag or a variable names another', async () => {
    const cwd = await aFolder()
    const rootdirOf = async (flags: object, env: Environment): Promise<string> =>
      (await loadConfig({ flags: { ...flags }, env, cwd, home: '/home/ada' })).config.rootdir
    expect(await rootdirOf({}, {})).toBe('/home/ada/.warrendb')
    expect(await rootdirOf({}, { WARREN_ROOTDIR: 'data' })).toBe(join(cwd, 'data'))
    expect(await rootdirOf({ rootdir: '/srv/warren' }, { WARREN_ROOTDIR: 'data' })).toBe('/srv/warren')
  })

  it('takes a flag before a variable, that before the file, that before the default', async () => {
    const file = 'api:\n  address: file:1\n'
    const env = { WARREN_API_ADDRESS: 'variable:1' }
    const addressOf = async (given: Parameters<typeof load>[0]): Promise<string> => (await load(given)).config['api.address']
    expect(await addressOf({ file })).toBe('file:1')
    expect(await addressOf({ file, env })).toBe('variable:1')
    expect(await addressOf({ file, env, flags: { url: 'flag:1' } })).toBe('flag:1')
  })

  it('reads keys of the file nested or dotted, in any case, as DefraDB writes them', async () => {
    const { config } = await load({
      file: 'net:\n  p2pAddresses: [/ip4/0.0.0.0/tcp/9172]\n  p2pDisabled: true\nlog.level: error\nreplicator:\n  retryIntervals: [1, 2]\n',
    })
    expect(config).toMatchObject({
      'net.p2paddresses': ['/ip4/0.0.0.0/tcp/9172'],
      'net.p2pdisabled': true,
      'log.level': 'error',
      'replicator.retryintervals': [1, 2],
    })
  })

  it('reads lists of variables and flags at commas', async () => {
    const env = { WARREN_NET_P2PADDRESSES: '/ip4/1.1.1.1/tcp/1, /ip4/2.2.2.2/tcp/2', WARREN_NET_PEERS: '', WARREN_NET_P2PDISABLED: 'true' }
    const { config } = await load({
      file: 'net:\n  peers: [/ip4/3.3.3.3/tcp/3]\n',
      env,
      flags: { 'replicator-retry-intervals': ['10', '20'] },
    })
    expect(config['net.p2paddresses']).toEqual(['/ip4/1.1.1.1/tcp/1', '/ip4/2.2.2.2/tcp/2'])
    expect(config['net.peers']).toEqual([])
    expect(config['net.p2pdisabled']).toBe(true)
    expect(config['replicator.retryintervals']).toEqual([10, 20])
  })

  it('begins paths of the file in the root directory, and paths of flags where the command was called', async () => {
    const { config, rootdir, cwd } = await load({
      file: 'api:\n  pubkeypath: cert.pem\n  privkeypath: /etc/key.pem\n',
      flags: { 'keyring-path': 'my-keys' },
    })
    expect(config['api.pubkeypath']).toBe(join(rootdir, 'cert.pem'))
    expect(config['api.privkeypath']).toBe('/etc/key.pem')
    expect(config['keyring.path']).toBe(join(cwd, 'my-keys'))
  })

  it('may be an empty file', async () => {
    await expect(load({ file: '# nothing yet\n' })).resolves.toBeDefined()
    await expect(load({ file: '' })).resolves.toBeDefined()
  })
})

describe('a mistake in the configuration', () => {
  it('names the file, the line and the key that was meant', async () => {
    await expect(load({ file: 'log:\n  level: info\napi:\n  adress: 127.0.0.1:9181\n' })).rejects.toThrow(
      /config\.yaml, line 4: there is no setting "api\.adress" \(did you mean "api\.address"\?\)$/,
    )
  })

  it('says what a value may be', async () => {
    await expect(load({ file: 'datastore:\n  store: badger\n' })).rejects.toThrow(
      /config\.yaml, line 2: datastore\.store is "badger"; it is "sqlite" or "memory"$/,
    )
    await expect(load({ file: 'net:\n  p2pdisabled: perhaps\n' })).rejects.toThrow(/net\.p2pdisabled is "perhaps"; it is true or false$/)
    await expect(load({ env: { WARREN_LOG_LEVEL: 'loud' } })).rejects.toThrow(/^WARREN_LOG_LEVEL is "loud"; it is "debug" or "info"/)
    await expect(load({ flags: { 'replicator-retry-intervals': ['0'] } })).rejects.toThrow(
      /^--replicator-retry-intervals is \["0"\]; it is a list of seconds above 0/,
    )
  })

  it('says why a setting of DefraDB is not here', async () => {
    await expect(load({ file: 'datastore:\n  badger:\n    valueLogFileSize: 1\n' })).rejects.toThrow(
      /line 3: there is no setting "datastore\.badger\.valueLogFileSize": documents are in SQLite, which has no value log$/,
    )
  })

  it('is told with its line when the file is no YAML', async () => {
    await expect(load({ file: 'api:\n  address: [\n' })).rejects.toThrow(/config\.yaml, line \d: /)
    await expect(load({ file: 'hello' })).rejects.toThrow(/has no settings but "hello"/)
  })
})

describe('the secret file', () => {
  it('adds to the environment, which wins', async () => {
    const secrets = 'WARREN_KEYRING_SECRET=from-file\nWARREN_LOG_LEVEL=debug\n'
    const alone = await load({ secrets })
    expect(alone.env['WARREN_KEYRING_SECRET']).toBe('from-file')
    expect(alone.config['log.level']).toBe('debug')
    const { env } = await load({ secrets, env: { WARREN_KEYRING_SECRET: 'from-shell' } })
    expect(env['WARREN_KEYRING_SECRET']).toBe('from-shell')
  })

  it('has to be there only when it was named, and may be a folder of somebody else', async () => {
    const cwd = await aFolder()
    await mkdir(join(cwd, '.env'))
    await expect(loadConfig({ flags: {}, env: {}, cwd, home: cwd })).resolves.toBeDefined()
    await expect(load({})).resolves.toBeDefined()
    await expect(load({ flags: { 'secret-file': 'mine.env' } })).rejects.toThrow(/^there is no secret file ".*mine\.env"$/)
  })
})

describe('the table of settings', () => {
  it('gives each its own flag and variable', () => {
    const keys = Object.keys(SETTINGS)
    expect(new Set(Object.values(SETTINGS).map(({ flag }) => flag)).size).toBe(keys.length)
    expect(new Set(keys.map(keyToVariable)).size).toBe(keys.length)
    expect(keyToVariable('api.allowed-origins')).toBe('WARREN_API_ALLOWED_ORIGINS')
  })
})
