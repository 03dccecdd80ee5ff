import { KEY_TYPE_NAMES, type KeyType } from '../identity/key-type.ts'
import { choiceSetting, flagSetting, listSetting, secondsSetting, textSetting, type SettingKind } from './setting-kinds.ts'

/** Every setting by its key in `config.yaml`. */
export interface Settings {
  readonly 'api.address': string
  readonly 'api.allowed-origins': readonly string[]
  readonly 'api.pubkeypath': string
  readonly 'api.privkeypath': string
  readonly 'datastore.defaultkeytype': KeyType
  readonly 'datastore.store': 'sqlite' | 'memory'
  readonly development: boolean
  readonly 'keyring.disabled': boolean
  readonly 'keyring.path': string
  readonly 'log.colordisabled': boolean
  readonly 'log.format': 'text' | 'json'
  readonly 'log.level': 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly 'log.output': 'stderr' | 'stdout'
  readonly 'net.p2paddresses': readonly string[]
  readonly 'net.p2pdisabled': boolean
  readonly 'net.peers': readonly string[]
  readonly 'net.relays': readonly string[]
  readonly 'net.allow': readonly string[]
  readonly 'net.block': readonly string[]
  readonly 'replicator.retryintervals': readonly number[]
  readonly secretfile: string
}

export interface Setting<Value> {
  readonly kind: SettingKind<Value>
  readonly default: Value
  /** Its long flag, without the dashes. */
  readonly flag: string
  /** What help calls the value of the flag. */
  readonly value?: string
  /** Whose flag it is: that of all commands, or of those that run a node. */
  readonly scope: 'all' | 'node'
  /** A path of the file or the default is one in the root directory; one of a flag or the environment begins where the command was called. */
  readonly isPath?: boolean
  readonly description: string
}

/** Read by the configuration, the flags and help. A setting is one entry here and its type above. */
export const SETTINGS: { readonly [Key in keyof Settings]: Setting<Settings[Key]> } = {
  'api.address': {
    kind: textSetting,
    default: '127.0.0.1:9181',
    flag: 'url',
    value: 'address',
    scope: 'all',
    description: 'the HTTP endpoint to listen on or to connect to',
  },
  'api.allowed-origins': {
    kind: listSetting,
    default: [],
    flag: 'allowed-origins',
    value: 'origins',
    scope: 'node',
    description: 'origins whose pages may use the HTTP API',
  },
  'api.pubkeypath': {
    kind: textSetting,
    default: '',
    flag: 'pubkeypath',
    value: 'path',
    scope: 'node',
    isPath: true,
    description: 'the certificate for HTTPS',
  },
  'api.privkeypath': {
    kind: textSetting,
    default: '',
    flag: 'privkeypath',
    value: 'path',
    scope: 'node',
    isPath: true,
    description: 'the private key of the certificate',
  },
  'datastore.defaultkeytype': {
    kind: choiceSetting(KEY_TYPE_NAMES),
    default: KEY_TYPE_NAMES[0],
    flag: 'default-key-type',
    value: 'type',
    scope: 'node',
    description: `the type of the identity that is made for the node: ${KEY_TYPE_NAMES.map((name) => `"${name}"`).join(' or ')}`,
  },
  'datastore.store': {
    kind: choiceSetting(['sqlite', 'memory']),
    default: 'sqlite',
    flag: 'store',
    value: 'kind',
    scope: 'node',
    description: 'where documents are kept: "sqlite" or "memory"',
  },
  development: {
    kind: flagSetting,
    default: false,
    flag: 'development',
    scope: 'node',
    description: 'allow what makes development easier and has no place elsewhere: purging all data',
  },
  'keyring.disabled': {
    kind: flagSetting,
    default: false,
    flag: 'no-keyring',
    scope: 'all',
    description: 'use no keyring; keys are made anew at each start',
  },
  'keyring.path': {
    kind: textSetting,
    default: 'keys',
    flag: 'keyring-path',
    value: 'path',
    scope: 'all',
    isPath: true,
    description: 'the folder of encrypted keys',
  },
  'log.colordisabled': { kind: flagSetting, default: false, flag: 'no-log-color', scope: 'all', description: 'log without colours' },
  'log.format': {
    kind: choiceSetting(['text', 'json']),
    default: 'text',
    flag: 'log-format',
    value: 'format',
    scope: 'all',
    description: 'how log lines look: "text" or "json"',
  },
  'log.level': {
    kind: choiceSetting(['debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    flag: 'log-level',
    value: 'level',
    scope: 'all',
    description: 'the least that is logged: "debug", "info", "warn", "error" or "fatal"',
  },
  'log.output': {
    kind: choiceSetting(['stderr', 'stdout']),
    default: 'stderr',
    flag: 'log-output',
    value: 'stream',
    scope: 'all',
    description: 'where log lines go: "stderr" or "stdout"',
  },
  'net.p2paddresses': {
    kind: listSetting,
    default: ['/ip4/127.0.0.1/tcp/9171'],
    flag: 'p2paddr',
    value: 'multiaddrs',
    scope: 'node',
    description: 'where to listen for peers',
  },
  'net.p2pdisabled': {
    kind: flagSetting,
    default: false,
    flag: 'no-p2p',
    scope: 'node',
    description: 'do without the peer-to-peer network',
  },
  'net.peers': { kind: listSetting, default: [], flag: 'peers', value: 'multiaddrs', scope: 'node', description: 'peers to connect to' },
  'net.relays': {
    kind: listSetting,
    default: [],
    flag: 'relays',
    value: 'multiaddrs',
    scope: 'node',
    description: 'relays at which other nodes find this one',
  },
  'net.allow': {
    kind: listSetting,
    default: [],
    flag: 'allow',
    value: 'peers',
    scope: 'node',
    description: 'IDs of the only peers to have to do with (default everybody)',
  },
  'net.block': {
    kind: listSetting,
    default: [],
    flag: 'block',
    value: 'peers',
    scope: 'node',
    description: 'IDs of peers to have nothing to do with',
  },
  'replicator.retryintervals': {
    kind: secondsSetting,
    default: [30, 60, 120, 240, 480, 960, 1920],
    flag: 'replicator-retry-intervals',
    value: 'seconds',
    scope: 'node',
    description: 'how long to wait before a replicator that is away is tried again, and again; the last one repeats',
  },
  secretfile: {
    kind: textSetting,
    default: '.env',
    flag: 'secret-file',
    value: 'path',
    scope: 'all',
    description: 'a file with lines NAME=value, for what should not stand in the environment of other programs',
  },
}

/** The environment variable of a setting: `net.p2paddresses` is `WARREN_NET_P2PADDRESSES`. */
export function keyToVariable(key: string): string {
  return `WARREN_${key.toUpperCase().replaceAll(/[.-]/g, '_')}`
}
