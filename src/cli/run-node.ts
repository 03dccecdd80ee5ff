import { rm, readFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

import type { Database } from '../database/database.ts'
import { DatabaseError, messageOf } from '../errors.ts'
import { nodeFiles } from '../http/files.node.ts'
import type { NodeIdentity } from '../http/route.ts'
import { serveHttp } from '../http/server.node.ts'
import { openDatabase, type P2POptions } from '../index.node.ts'
import { bytesToHex } from '../util/bytes.ts'
import type { CommandContext } from './command.ts'
import type { Config } from './config.ts'
import { dataFolder, openedHere } from './data-folder.ts'
import { writeDefaultConfig } from './default-config.ts'
import { pageFolder } from './page-folder.ts'
import { hostAndPort } from './listen-address.ts'
import { logEvents } from './log-events.ts'
import { createLoggers, hasColor, type Logger } from './logger.ts'
import { nodeKeys, type NodeKeys } from './node-keys.ts'
import { fileProblem } from './read-input.ts'
import { versionOfPackage } from '../util/version-of-package.node.ts'

/** What a node makes is for its owner alone: without a keyring the peer key lies unencrypted in the database. */
const ONLY_THE_OWNER = 0o077

/** Runs a node until the signal fires, and closes it in order. @throws what keeps it from starting */
export async function runNode({
  config,
  env,
  terminal,
  signal,
}: Pick<CommandContext, 'config' | 'env' | 'terminal' | 'signal'>): Promise<void> {
  process.umask(ONLY_THE_OWNER)
  const toStdout = config['log.output'] === 'stdout'
  const loggers = createLoggers({
    level: config['log.level'],
    format: config['log.format'],
    color: hasColor(toStdout ? terminal.outIsTerminal : terminal.errIsTerminal, config['log.colordisabled'], env),
    write: toStdout ? (line) => void terminal.out(line) : terminal.err,
  })
  const [log, net, http] = [loggers('cli'), loggers('net'), loggers('http')]
  log.info('Starting WarrenDB')
  // What can be judged before anything is made is judged first.
  const address = hostAndPort(config['api.address'])
  const tls = await readTls(config)
  const keys = await nodeKeys(config, env, log)

  const open = async (): Promise<Database> => {
    const opened = await openNode(config, keys)
    await tellOfNetwork(opened, config, net)
    logEvents(opened, net, loggers('db'))
    return opened
  }
  let database = await open()
  let replacing: Promise<void> | undefined

  /** Closes the database, deletes its folder, and begins anew. Requests in between find a closed database. */
  async function purge(): Promise<void> {
    log.info('Deleting everything')
    await database.close()
    await rm(dataFolder(config), { recursive: true, force: true })
    database = await open()
  }

  try {
    const server = await serveHttp(
      {
        database: () => database,
        files: nodeFiles,
        ...(keys.identity === undefined ? {} : { identity: publicIdentity(keys.identity) }),
        ...(config.development ? { purge: () => (replacing ??= purge().finally(() => (replacing = undefined))) } : {}),
      },
      {
        ...address,
        ...(tls === undefined ? {} : { tls }),
        ...(await playground()),
        allowedOrigins: config['api.allowed-origins'],
        version: await versionOfPackage(),
        onFault: (error, request) => http.error(messageOf(error), { Method: request.method, URL: request.url, Stack: stackOf(error) }),
      },
    )
    await writeDefaultConfig(config.rootdir)
    http.info(`Providing HTTP API at ${server.url}`, { API: `${server.url}/api/v0`, Playground: server.url })
    try {
      await fired(signal)
      log.info('Shutting down')
    } finally {
      await server.close()
    }
  } finally {
    await replacing
    await database.close()
  }
  log.info('Stopped')
}

function openNode(config: Config, { peerKey }: NodeKeys): Promise<Database> {
  const p2p: P2POptions = {
    listen: config['net.p2paddresses'],
    peers: config['net.peers'],
    relays: config['net.relays'],
    ...(config['net.allow'].length === 0 ? {} : { allow: config['net.allow'] }),
    block: config['net.block'],
    replicatorRetryIntervals: config['replicator.retryintervals'],
    ...(peerKey === undefined ? {} : { peerKey }),
  }
  const storage = config['datastore.store'] === 'memory' ? 'memory' : 'persistent'
  return openedHere(openDatabase({ path: dataFolder(config), storage, p2p: config['net.p2pdisabled'] ? false : p2p }))
}

/** Says by which ID and addresses the node can be reached, as DefraDB's log does. */
async function tellOfNetwork(database: Database, config: Config, log: Logger): Promise<void> {
  if (config['net.p2pdisabled']) return log.info('The peer-to-peer network is off')
  const { id, addresses } = await database.p2p.info()
  log.info('Created LibP2P host', { PeerId: id, Address: addresses.map((address) => address.replace(/\/p2p\/[^/]+$/, '')) })
  log.info('Starting internal broadcaster for pubsub network')
}

function publicIdentity({ publicKey, did }: NonNullable<NodeKeys['identity']>): NodeIdentity {
  return { PublicKey: bytesToHex(publicKey), DID: did }
}

/** @throws INVALID_ARGUMENT when only one of the two files is named, NOT_FOUND */
async function readTls(config: Config): Promise<{ readonly key: string; readonly cert: string } | undefined> {
  const [certPath, keyPath] = [config['api.pubkeypath'], config['api.privkeypath']]
  if (certPath === '' && keyPath === '') return undefined
  if (certPath === '' || keyPath === '') {
    const missing = certPath === '' ? '--pubkeypath' : '--privkeypath'
    throw new DatabaseError('INVALID_ARGUMENT', `HTTPS takes a certificate and its private key: ${missing} is missing`, {
      argument: missing,
    })
  }
  const read = async (path: string): Promise<string> => {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      throw fileProblem(path, error)
    }
  }
  return { key: await read(keyPath), cert: await read(certPath) }
}

/** The built page, where there is one: beside the built program, or in the folder that a checkout builds it into. */
async function playground(): Promise<{ readonly page: string; readonly offer: () => object } | Record<string, never>> {
  const page = await pageFolder(['../../playground', '../../dist/playground'].map((path) => fileURLToPath(new URL(path, import.meta.url))))
  return page === undefined ? {} : { page, offer: () => ({ isNode: true, addresses: [] }) }
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}
