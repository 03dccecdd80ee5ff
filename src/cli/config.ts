import { isAbsolute, join, resolve } from 'node:path'

import { didYouMean } from '../util/did-you-mean.ts'
import { quote } from '../util/quote.ts'
import { whyKeyIsAbsent } from './absent-settings.ts'
import type { Environment } from './command.ts'
import { readConfigFile, type FileEntry } from './config-file.ts'
import { withSecrets } from './secret-file.ts'
import type { SettingKind } from './setting-kinds.ts'
import { keyToVariable, SETTINGS, type Setting, type Settings } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** Where the settings of a command come from. */
export interface ConfigSources {
  /** Values of flags by their long names; those that were not given are absent. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Environment
  /** The working directory. */
  readonly cwd: string
  /** The user's home, which has the root directory unless `--rootdir` names another. */
  readonly home: string
}

export interface Config extends Settings {
  /** Absolute; it need not exist. */
  readonly rootdir: string
}

/** The settings, and the environment with what the secret file adds. */
export interface LoadedConfig {
  readonly config: Config
  readonly env: Environment
}

const ROOT_DIRECTORY = '.warrendb'
const FILE_NAME = 'config.yaml'

/**
 * Reads the settings: a flag wins over the environment, that over `config.yaml` in the root directory, that over the default. A path in the file is one in the root
 * directory; one of a flag or a variable begins in the working directory.
 * @throws UsageError naming the key, where it stands and what it may be
 */
export async function loadConfig({ flags, env: given, cwd, home }: ConfigSources): Promise<LoadedConfig> {
  const rootdir = resolve(cwd, textOf(flags['rootdir']) ?? given['WARREN_ROOTDIR'] ?? join(home, ROOT_DIRECTORY))
  const file = byKey(await readConfigFile(join(rootdir, FILE_NAME)))

  function valueOf<Value>(key: keyof Settings, setting: Setting<Value>, env: Environment): Value {
    const { kind, flag } = setting
    const called = flags[flag]
    if (called !== undefined) return placed(setting, parseFlag(`--${flag}`, called, kind), cwd)
    const variable = keyToVariable(key)
    const text = env[variable]
    if (text !== undefined) return placed(setting, expected(variable, text, kind, kind.fromText(text)), cwd)
    const entry = file.get(key)
    if (entry !== undefined) {
      return placed(setting, expected(`${entry.place}: ${key}`, entry.value, kind, kind.fromValue(entry.value)), rootdir)
    }
    return placed(setting, setting.default, rootdir)
  }

  const secretFile = valueOf('secretfile', SETTINGS.secretfile, given)
  const isDefault = secretFile === SETTINGS.secretfile.default
  // One that the configuration names is its own; the default is where the command was called, as DefraDB has it.
  const secretsIn = file.has('secretfile') && flags['secret-file'] === undefined ? rootdir : cwd
  const env = await withSecrets(given, resolve(secretsIn, secretFile), !isDefault)
  const value = <Key extends keyof Settings>(key: Key): Settings[Key] => valueOf(key, SETTINGS[key], env)
  return {
    env,
    config: {
      rootdir,
      'api.address': value('api.address'),
      'api.allowed-origins': value('api.allowed-origins'),
      'api.pubkeypath': value('api.pubkeypath'),
      'api.privkeypath': value('api.privkeypath'),
      'datastore.defaultkeytype': value('datastore.defaultkeytype'),
      'datastore.store': value('datastore.store'),
      development: value('development'),
      'keyring.disabled': value('keyring.disabled'),
      'keyring.path': value('keyring.path'),
      'log.colordisabled': value('log.colordisabled'),
      'log.format': value('log.format'),
      'log.level': value('log.level'),
      'log.output': value('log.output'),
      'net.p2paddresses': value('net.p2paddresses'),
      'net.p2pdisabled': value('net.p2pdisabled'),
      'net.peers': value('net.peers'),
      'net.relays': value('net.relays'),
      'net.allow': value('net.allow'),
      'net.block': value('net.block'),
      'replicator.retryintervals': value('replicator.retryintervals'),
      secretfile: secretFile,
    },
  }
}

/** The entries of the file by the key as the settings spell it; DefraDB's files spell some in camel case. @throws UsageError for a key that is none */
function byKey(entries: readonly FileEntry[]): ReadonlyMap<string, FileEntry> {
  const keys = Object.keys(SETTINGS)
  return new Map(
    entries.map((entry) => {
      const key = keys.find((known) => known === entry.key.toLowerCase())
      if (key !== undefined) return [key, entry] as const
      const reason = whyKeyIsAbsent(entry.key)
      const advice = reason === undefined ? didYouMean(entry.key, keys) || `; there are ${keys.join(', ')}` : `: ${reason}`
      throw new UsageError(`${entry.place}: there is no setting "${entry.key}"${advice}`)
    }),
  )
}

/** Flags come parsed from the command line: true, a text, or a list of texts. */
function parseFlag<Value>(flag: string, called: unknown, kind: SettingKind<Value>): Value {
  const text = Array.isArray(called) ? called.join(',') : textOf(called)
  return expected(flag, called, kind, text === undefined ? kind.fromValue(called) : kind.fromText(text))
}

function expected<Value>(what: string, given: unknown, kind: SettingKind<Value>, value: Value | undefined): Value {
  if (value !== undefined) return value
  throw new UsageError(`${what} is ${quote(given)}; it is ${kind.expects}`)
}

/** Makes a path absolute; an empty one stays, it says that there is none. */
function placed<Value>(setting: Setting<Value>, value: Value, folder: string): Value
function placed(setting: Setting<unknown>, value: unknown, folder: string): unknown {
  if (setting.isPath !== true || typeof value !== 'string' || value === '') return value
  return isAbsolute(value) ? value : join(folder, value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
