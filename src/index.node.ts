import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

import type { Database } from './database/database.ts'
import { openLocalDatabase } from './database/local-database.ts'
import { checkOptions, type OpenOptions } from './open-options.ts'
import { openMemoryStore } from './storage/memory.ts'
import { fileLocks } from './storage/owner-lock.node.ts'
import { openSqliteStore } from './storage/sqlite.node.ts'

export * from './public.ts'

/**
 * Opens a database in this process: the same node as in a tab, with its documents in SQLite under `~/.warrendb/<name>` (or `path`).
 *
 * @throws IN_USE when another process has it open, INVALID_SCHEMA, INVALID_ADDRESS, INVALID_ARGUMENT
 */
export async function openDatabase(options: OpenOptions = {}): Promise<Database> {
  const { name, path, storage, durability, schema, dialect, p2p, embed, embeddingKeys, queryLimits, signal } = checkOptions(options)
  signal?.throwIfAborted()
  const network = p2p === false ? {} : { network: (await import('./network/attach.node.ts')).attachNodeNetwork(p2p) }
  const openai = process.env['OPENAI_API_KEY']
  const keys = { given: embeddingKeys ?? {}, ambient: openai === undefined ? {} : { openai } }
  const embedding = { keys, ...(embed === undefined ? {} : { embed }) }
  const rest = { name, dialect, embedding, queryLimits, ...network, ...(schema === undefined ? {} : { schema }) }
  // A database in memory belongs to whoever opened it; there is nothing that two could share.
  if (storage === 'memory') return openLocalDatabase({ ...rest, store: await openMemoryStore(), storageKind: 'memory' })

  const folder = path === undefined ? join(homedir(), '.warrendb', name) : resolve(path)
  await mkdir(folder, { recursive: true })
  const lock = await fileLocks(folder).acquire(name)
  try {
    const store = await openSqliteStore(join(folder, 'documents.sqlite'), { durability })
    return await openLocalDatabase({ ...rest, lock, store, storageKind: 'sqlite' })
  } catch (error) {
    await lock.release()
    throw error
  }
}
