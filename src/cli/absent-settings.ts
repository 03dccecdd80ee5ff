/** A flag or key of DefraDB that has no counterpart here, and why. */
interface AbsentSetting {
  /** Flags, without their dashes. */
  readonly flags?: readonly string[]
  /** The key in DefraDB's `config.yaml`. */
  readonly key?: string
  readonly reason: string
}

const CHAIN = 'there is no SourceHub here: access is not decided by a chain'
const NO_LOG_EXTRAS = 'log lines have no such extras; --log-level debug says more'
const NO_IDENTITY = 'requests carry no identity: whoever reaches the HTTP API may do everything'
const NO_ENCRYPTION = 'documents are not encrypted one by one'

const ABSENT_SETTINGS: readonly AbsentSetting[] = [
  { flags: ['valuelogfilesize'], key: 'datastore.badger.valuelogfilesize', reason: 'documents are in SQLite, which has no value log' },
  { key: 'datastore.badger.path', reason: 'documents are in SQLite, in the root directory; --rootdir moves it' },
  { flags: ['max-txn-retries'], key: 'datastore.maxtxnretries', reason: 'merges never conflict, so nothing has to be tried again' },
  { flags: ['no-encryption'], key: 'datastore.noencryption', reason: 'the storage is never encrypted; encrypt the disk instead' },
  { flags: ['no-signing'], key: 'datastore.nosigning', reason: 'this node does not sign its commits' },
  { flags: ['identity', 'i'], reason: NO_IDENTITY },
  { flags: ['encrypt', 'e'], reason: NO_ENCRYPTION },
  { flags: ['encrypt-fields'], reason: NO_ENCRYPTION },
  {
    flags: ['document-acp-type'],
    key: 'acp.document.type',
    reason: 'documents have no access control; keep a node to those who may read all of it',
  },
  { flags: ['node-acp-enable'], key: 'acp.node.enable', reason: NO_IDENTITY },
  { flags: ['no-telemetry'], key: 'telemetry.disabled', reason: 'there is no telemetry to switch off' },
  { flags: ['source-hub-address'], key: 'acp.document.sourcehub.address', reason: CHAIN },
  { key: 'acp.document.sourcehub.chainid', reason: CHAIN },
  { key: 'acp.document.sourcehub.grpcaddress', reason: CHAIN },
  { key: 'acp.document.sourcehub.cometrpcaddress', reason: CHAIN },
  { key: 'acp.document.sourcehub.keyname', reason: CHAIN },
  { flags: ['keyring-backend'], key: 'keyring.backend', reason: 'keys are in encrypted files; --keyring-path says where' },
  {
    flags: ['keyring-namespace'],
    key: 'keyring.namespace',
    reason: 'keys are in encrypted files, never in the keyring of the operating system',
  },
  { flags: ['log-overrides'], key: 'log.overrides', reason: 'all loggers have one level' },
  { flags: ['log-source'], key: 'log.source', reason: NO_LOG_EXTRAS },
  { flags: ['log-stacktrace'], key: 'log.stacktrace', reason: NO_LOG_EXTRAS },
  { key: 'net.pubsubenabled', reason: 'a node that is on the network always hears of changes at once' },
  { key: 'net.relay', reason: 'nodes always use relays that they know; net.relays names them' },
  { key: 'lens.runtime', reason: 'there are no migrations yet' },
]

/** Why a flag of DefraDB is not there, given with its dashes or without. */
export function whyFlagIsAbsent(flag: string): string | undefined {
  const name = flag.replace(/^-+/, '').replace(/=.*$/, '')
  return ABSENT_SETTINGS.find(({ flags }) => flags?.includes(name))?.reason
}

/** Why a key of DefraDB's configuration is not there. */
export function whyKeyIsAbsent(key: string): string | undefined {
  return ABSENT_SETTINGS.find((setting) => setting.key === key.toLowerCase())?.reason
}
